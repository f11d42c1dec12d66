// Actions on tasks, one by one or many: each says how it is called, which states it is for and what undoes it. Many are
// done a few at a time, with progress, and can be stopped.

import type { WireApply } from "../../protocol/wire-apply.ts";
import type { WireBrowsedTask, WireTaskState } from "../../protocol/wire-task.ts";
import { call, CallError } from "./call.ts";

export interface TaskAction {
  readonly name: string;
  /** "Cancel 12 tasks": the verb before the count. */
  readonly verb: string;
  /** What it does, for the dialog that asks first. */
  readonly effect: string;
  readonly states: readonly WireTaskState[];
  /** Cannot be taken back: asks for the queue's name when it is done to many. */
  readonly isDestructive: boolean;
  readonly run: (queue: string, task: WireBrowsedTask) => Promise<void>;
  /** The same, as the server is asked to do it to all that match. */
  readonly toAll: Pick<WireApply, "action" | "delayMs" | "force">;
}

const retryNow: TaskAction = {
  name: "Retry now",
  verb: "Retry",
  effect: "Delayed tasks become ready at once. Their attempts stay counted.",
  states: ["delayed"],
  isDestructive: false,
  run: async (queue, { id, version }) => void (await call(queue, "changeTask", { id, version, delayMs: 0 })),
  toAll: { action: "retry" },
};

/** @param ms how long the task rests */
function snoozeBy(ms: number, label: string): TaskAction {
  return {
    name: `Snooze ${label}`,
    verb: "Snooze",
    effect: `The tasks are not offered for ${label}. No attempt is counted.`,
    states: ["ready", "delayed"],
    isDestructive: false,
    run: async (queue, { id, version }) => void (await call(queue, "changeTask", { id, version, delayMs: ms })),
    toAll: { action: "snooze", delayMs: ms },
  };
}

export const redrive: TaskAction = {
  name: "Redrive",
  verb: "Redrive",
  effect: "Dead tasks are offered again with no attempts counted; dead letters go back to the queue where they died.",
  states: ["dead"],
  isDestructive: false,
  run: async (queue, { id, origin }) => {
    // One that was changed goes back too, if whoever asks may enqueue there; whoever may not can still redrive the others.
    const first = await call(queue, "redrive", { ids: [id] });
    const isLeft = first.leftChanged.length > 0 && origin !== null;
    const { notFound } = isLeft ? await call(queue, "redrive", { ids: [id], changedTo: [origin.queue] }) : first;
    if (notFound.length > 0) throw new CallError(null, `${id} is not dead any more, or is claimed`);
  },
  toAll: { action: "redrive" },
};

export const cancel: TaskAction = {
  name: "Cancel",
  verb: "Cancel",
  effect: "The tasks are deleted. Claimed ones are taken from their consumers, whose acks then find nothing.",
  states: ["ready", "delayed", "claimed", "dead"],
  isDestructive: true,
  run: async (queue, { id, version, state }) => {
    await call(queue, "cancelTask", state === "claimed" ? { id, force: true } : { id, version });
  },
  toAll: { action: "cancel", force: true },
};

const release: TaskAction = {
  name: "Release",
  verb: "Release",
  effect: "The claims are taken from their holders, whose acks then find them lost. No attempt is counted.",
  states: ["claimed"],
  isDestructive: false,
  run: async (queue, { id, version }) => void (await call(queue, "releaseTask", { id, version })),
  toAll: { action: "release" },
};

const HOUR_MS = 3_600_000;
export const TASK_ACTIONS: readonly TaskAction[] = [
  redrive,
  retryNow,
  snoozeBy(HOUR_MS, "1 h"),
  snoozeBy(24 * HOUR_MS, "1 day"),
  release,
  cancel,
];

/** Dead letters wait in their queue as ready tasks with an origin: redriving is for them too. */
export function isFor(action: TaskAction, task: WireBrowsedTask): boolean {
  if (action === redrive && task.origin !== null && task.state !== "claimed") return true;
  return action.states.includes(task.state);
}

export interface Progress {
  readonly done: number;
  readonly failed: number;
  readonly total: number;
  /** The error of the last failure. */
  readonly error: string | null;
}

/** Requests under way at one time: enough to be quick, few enough to leave the queue to its consumers. */
const AT_ONCE = 6;

/** Runs an action on many tasks. A refusal of one, as of a task that has moved on, is counted and does not stop the others. */
export async function runOnTasks(
  action: TaskAction,
  queue: string,
  tasks: readonly WireBrowsedTask[],
  abort: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<Progress> {
  let done = 0;
  let failed = 0;
  let lastError: string | null = null;
  const progress = (): Progress => ({ done, failed, total: tasks.length, error: lastError });
  const rest = tasks.values();
  const work = async (): Promise<void> => {
    for (const task of rest) {
      if (abort.aborted) return;
      try {
        await action.run(queue, task);
        done += 1;
      } catch (error) {
        if (!(error instanceof CallError)) throw error;
        failed += 1;
        lastError = error.message;
      }
      onProgress(progress());
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return progress();
}
