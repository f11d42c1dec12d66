// Writes tasks. All or none: every reason to refuse is found before the first write.

import { LIMITS } from "../../core/limits.ts";
import type { EnqueuedTask, NewTask, OutcomeOf, Refusal } from "../../core/operation.ts";
import { isTaskId, keyOfTaskId } from "../../core/task-id.ts";
import { thousands } from "../../core/thousands.ts";
import { traced, type TraceContext } from "../../core/trace-context.ts";
import { createdQueue } from "../created-queue.ts";
import { insertedTask, isPlain, TaskInserts, timed, type PlainTask } from "../arrivals/insert-tasks.ts";
import type { CallAnswer } from "../producers/call-window.ts";
import { fingerprintOf, fingerprintOfPlain } from "../producers/fingerprint.ts";
import { forget, giveUpIds, knownIds, type KnownIds } from "../tasks/known-ids.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import { madeBefore, remember } from "./once.ts";
import type { ByName } from "./run.ts";

type Outcome = OutcomeOf<"enqueue">;

export const enqueue: ByName<"enqueue"> = (state, { tasks, call, trace }, now, name) => {
  const arePlain = areAllPlain(tasks);
  if (call === undefined) return write(state, tasks, arePlain, trace, now, name);
  const fingerprint = arePlain ? fingerprintOfPlain(tasks) : fingerprintOf(tasks);
  const before = madeBefore(state, call, tasks, fingerprint, now);
  if (before !== null) {
    if (before.kind !== "made") return before;
    const made = answered(state, tasks, before.answer);
    return made === null
      ? { kind: "call-forgotten", number: call.number, from: null }
      : { kind: "enqueued", tasks: made };
  }
  const outcome = write(state, tasks, arePlain, trace, now, name);
  if (outcome !== LATER && outcome.kind === "enqueued")
    remember(state, call, fingerprint, answerOf(state, arePlain, outcome.tasks, now), now);
  return outcome;
};

/** Of new tasks the first one's key says all: they have successive keys. */
function answerOf(state: QueueState, arePlain: boolean, written: readonly EnqueuedTask[], now: number): CallAnswer {
  const firstKey = state.sequence.last - written.length + 1;
  // Plain tasks have no ids, and so no duplicates.
  if (arePlain) return firstKey;
  return written.some(({ duplicate }) => duplicate) ? { whole: written } : [firstKey, now];
}

/** null: what is remembered answers no such call, as only an import can have it. */
function answered(state: QueueState, tasks: readonly NewTask[], answer: CallAnswer): EnqueuedTask[] | null {
  const [firstKey, at] = Array.isArray(answer) ? (answer as readonly unknown[]) : [answer, 0];
  if (isInteger(firstKey) && isInteger(at)) {
    const { lives } = state;
    return tasks.map((task, index) => insertedTask(timed(task, at), firstKey + index, at, lives));
  }
  const { whole } = Object(answer) as { readonly whole?: unknown };
  return areAnswers(whole, tasks) ? whole : null;
}

function isInteger(value: unknown): value is number {
  return Number.isSafeInteger(value);
}

function areAnswers(whole: unknown, tasks: readonly NewTask[]): whole is EnqueuedTask[] {
  if (!Array.isArray(whole) || whole.length !== tasks.length) return false;
  return tasks.every(({ id: own }, index) => {
    const { id, version, visibleAt, duplicate, state } = Object(whole[index]) as Partial<Record<string, unknown>>;
    // What the queue named is written without a look at what is in it.
    const isNamed = typeof id === "string" && (own === undefined ? isTaskId(id) : id === own);
    const areNumbers = isInteger(version) && isInteger(visibleAt);
    return isNamed && areNumbers && typeof duplicate === "boolean" && (state === undefined || STATES.has(state));
  });
}

const STATES: ReadonlySet<unknown> = new Set(["ready", "delayed", "claimed", "dead", "done"]);

function write(
  state: QueueState,
  asked: readonly NewTask[],
  arePlain: boolean,
  trace: TraceContext | undefined,
  now: number,
  name: string,
): Outcome | typeof LATER {
  const tasks = trace === undefined ? asked : asked.map((task) => traced(task, trace));
  // What compares ids must find all tasks stored.
  if (!arePlain && tasks.some(({ id }) => id !== undefined)) state.writeTasks();
  const isLimited = (state.existing()?.settings.maxBacklog ?? null) !== null;
  if (isLimited && !state.isBacklogCounted(now)) return LATER;
  if (arePlain && trace === undefined) return writePlain(state, tasks as readonly PlainTask[], now, name);
  return writeFull(state, tasks, now, name);
}

function areAllPlain(tasks: readonly NewTask[]): boolean {
  for (const task of tasks) if (!isPlain(task)) return false;
  return true;
}

/** What most tasks are. They have no ids, and so no duplicates. */
function writePlain(state: QueueState, tasks: readonly PlainTask[], now: number, name: string): Outcome {
  const refusal = roomFor(state, [], tasks.length);
  if (refusal !== null) return refusal;
  const inserts = new TaskInserts(state, createdQueue(state, name, now), now);
  const answers = inserts.insertPlain(tasks);
  inserts.end();
  return { kind: "enqueued", tasks: answers };
}

function writeFull(state: QueueState, tasks: readonly NewTask[], now: number, name: string): Outcome | typeof LATER {
  const named = tasks.flatMap((task) => task.id ?? []);
  const ids = knownIds(state, named, now);
  const refusal = refusalOf(state, tasks, ids, now);
  if (refusal !== null) return refusal;
  if (giveUpIds(state, ids, now)) return LATER;
  const queue = createdQueue(state, name, now);
  forget(state, ids);
  const inserts = new TaskInserts(state, queue, now);
  const answers = tasks.map((task): EnqueuedTask => {
    const duplicate = task.id === undefined ? undefined : ids.taken.get(task.id);
    if (duplicate !== undefined) return { ...duplicate, duplicate: true };
    const answer = inserts.insert(timed(task, now));
    if (task.id !== undefined) ids.taken.set(task.id, answer);
    return answer;
  });
  inserts.end();
  return { kind: "enqueued", tasks: answers };
}

/** Why these tasks cannot be taken in, or null. What is known by its id has been taken in, and needs no room (P10). Reads only. */
function refusalOf(state: QueueState, tasks: readonly NewTask[], ids: KnownIds, now: number): Refusal | null {
  const latest = now + LIMITS.delayMs;
  const { lives } = state;
  const added = new Set<string>();
  const fresh: NewTask[] = [];
  for (const [index, task] of tasks.entries()) {
    const path = tasks.length === 1 ? "" : `tasks[${index}].`;
    if (task.visibleAt !== undefined && task.visibleAt > latest) {
      const allowed = `at most ${thousands(LIMITS.delayMs)} ms (366 days) from now`;
      return { kind: "invalid", field: `${path}visibleAt`, given: task.visibleAt, allowed };
    }
    if (task.id === undefined) {
      fresh.push(task);
      continue;
    }
    if (ids.taken.has(task.id) || added.has(task.id)) continue;
    if (keyOfTaskId(lives, task.id) !== null) {
      // It would stand before a task to which the queue gives this id later.
      return {
        kind: "invalid",
        field: `${path}id`,
        given: task.id,
        allowed: "an id not of the form of this queue's own",
      };
    }
    added.add(task.id);
    fresh.push(task);
  }
  return fresh.length === 0 ? null : roomFor(state, fresh, fresh.length);
}

/**
 * Why there is no room for these tasks, or null. Reads only; with a limit of the backlog, everything must have been counted.
 *
 * @param growth how many tasks more the queue would hold
 */
export function roomFor(
  state: QueueState,
  tasks: Parameters<QueueState["levels"]["hasRoomFor"]>[0],
  growth: number,
): Refusal | null {
  if (growth > 0 && state.sql.isLargerThan(LIMITS.storageBytes)) {
    return { kind: "queue-full", what: "bytes", limit: LIMITS.storageBytes };
  }
  const maxBacklog = state.existing()?.settings.maxBacklog ?? null;
  // What takes out as much as it puts in passes a full queue, or a pipeline would stand still for good.
  if (maxBacklog !== null && growth > 0 && state.counts.live + growth > maxBacklog) {
    return { kind: "queue-full", what: "tasks", limit: maxBacklog };
  }
  return state.levels.hasRoomFor(tasks) ? null : { kind: "queue-full", what: "lanes", limit: LIMITS.lanes };
}
