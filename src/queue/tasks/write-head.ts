// Writes a task whose head has changed, without reading its payload if its row is its own.

import type { Payload } from "../../core/task.ts";
import type { MeasuredHead, TaskHead } from "../../store/task-row.ts";
import type { Run } from "../arrivals/runs.ts";
import type { QueueState } from "../state.ts";
import { taskByKey } from "./find-task.ts";
import { writeTask } from "./write-task.ts";

type FoundHead = TaskHead & { readonly inRun: Run | null };
type FoundBefore = MeasuredHead & { readonly inRun: Run | null };

/**
 * To its row, or out of its run to a row of its own.
 *
 * @param payload null: it stays as it is
 * @param attempt one that ends with this change, to be remembered; null: none does
 */
export function writeHead(
  state: QueueState,
  before: FoundBefore,
  after: FoundHead,
  payload: Payload | null,
  attempt: string | null = null,
): TaskHead {
  state.scans.rewrote(before.bytes);
  if (after.inRun !== null) {
    const stored = payload ?? taskByKey(state, before.seq)?.payload;
    if (stored === undefined) throw new Error(`task ${before.seq} was found in a run and is not there`);
    const pastAttempts = attempt === null ? null : `[${attempt}]`;
    return writeTask(state, { ...after, payload: stored, pastAttempts }, before, "changed");
  }
  const { lane, priority, visibleAt, retryAt, seq } = after;
  const isInPlace =
    lane === before.lane &&
    priority === before.priority &&
    visibleAt === before.visibleAt &&
    retryAt === before.retryAt;
  if (isInPlace && attempt === null) state.tasks.changeInPlace(after, payload);
  else state.tasks.change(after, payload, attempt);
  state.facts.say("changed", before, after);
  // Also in its old place: reading has passed it if it was claimed.
  if (visibleAt !== null) state.levels.added(lane, priority, visibleAt, seq);
  return after;
}
