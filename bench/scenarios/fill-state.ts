// Brings a queue to so many tasks in one state.
import type { QueueHttp } from "../edgeq/queue-http.ts";
import { taskJson } from "../edgeq/task-json.ts";
import { payloadOf } from "../measure/payload.ts";
import { payloadBytes } from "../scale/fill-backlog.ts";

/** `remembered`: done, but their own ids are still known. */
export const states = ["ready", "delayed", "claimed", "dead", "remembered"] as const;
export type State = (typeof states)[number];

const batch = 1_000;
/** Longer than the bench. */
const awayMs = 3 * 3_600_000;

export async function fillState(queue: QueueHttp, state: State, tasks: number): Promise<void> {
  for (let filled = 0; filled < tasks; filled += batch) {
    const options = (number: number): string => {
      if (state === "delayed") return `,"delayMs":${awayMs}`;
      return state === "remembered" ? `,"id":"order-${number}"` : "";
    };
    const some = Array.from({ length: Math.min(batch, tasks - filled) }, (_, index) =>
      taskJson(payloadOf(filled + index, payloadBytes), options(filled + index)),
    );
    await queue.enqueue(some);
    if (state === "ready" || state === "delayed") continue;
    await claimAll(queue, some.length, state);
  }
}

async function claimAll(queue: QueueHttp, tasks: number, state: State): Promise<void> {
  for (let claimed = 0; claimed < tasks;) {
    const some = await queue.claim(100, { claimTimeoutMs: awayMs });
    if (some.length === 0) throw new Error(`expected ${tasks} tasks to claim, found ${claimed}`);
    claimed += some.length;
    if (state === "dead") await queue.bury(some);
    if (state === "remembered") await queue.ack(some);
  }
}
