// Takes finished tasks out: acked, cancelled, moved away or expired. The one place where a live task's row ends.

import type { Run } from "../arrivals/runs.ts";
import { keyOf } from "../../core/sequence.ts";
import { DONE } from "../../store/task-row.ts";
import type { Place } from "../facts.ts";
import { unblockByGone } from "../keys/blocked-key.ts";
import type { QueueState } from "../state.ts";

export interface TakenOut extends Place {
  readonly hasId: boolean;
  /** The run it is part of; null: its row is its own. */
  readonly inRun: Run | null;
  /** Of its payload. */
  readonly bytes: number;
}

type Ending = "acked" | "cancelled" | "moved" | "removed";

/**
 * Removes the rows and whatever claims were on them. A task with its producer's own id leaves that id behind for the
 * dedupe window (P10): the same row without its payload, one write now and one when it is forgotten.
 */
export function takeOut(state: QueueState, tasks: readonly TakenOut[], now: number, kind: Ending): void {
  if (tasks.length === 0) return;
  gatherOut(state, tasks, now, kind);
  state.gone.write();
}

/** The same, but the rows are written with those of other tasks, before the next operation that reads any. */
export function gatherOut(state: QueueState, tasks: readonly TakenOut[], now: number, kind: Ending): void {
  if (tasks.length === 0) return;
  unblockByGone(state, tasks, now);
  const dedupeMs = state.row?.settings.dedupeMs ?? 0;
  let hasRemembered = false;
  let bytes = 0;
  for (const task of tasks) {
    const isRemembered = task.inRun === null && task.hasId && dedupeMs > 0;
    if (task.inRun !== null) state.arrivals.runs.settle(task.inRun, task.seq);
    else if (isRemembered) state.gone.remember(task, now + dedupeMs);
    else state.gone.remove(task);
    hasRemembered ||= isRemembered;
    bytes += task.bytes;
    const after = isRemembered ? { ...task, state: DONE, visibleAt: null } : null;
    state.facts.say(kind, task, after, kind === "acked" ? ackedAfter(state, task, now) : null);
  }
  state.scans.freed(bytes);
  if (hasRemembered) state.housekeeping.dueAt(now + dedupeMs);
  for (const task of tasks) state.claims.remove(task.seq);
  state.gone.upTo(tasks.reduce((last, task) => Math.max(last, lastKeyOf(task)), 0));
}

/** How long the task was claimed, which its claimant has now done. */
function ackedAfter(state: QueueState, { seq }: TakenOut, now: number): number | null {
  const slot = state.claims.get(seq)?.slot;
  if (slot === undefined) return null;
  state.claimants.acked(slot.claimant, now);
  return slot.claimedAt === null ? null : now - slot.claimedAt;
}

/** The last key that goes with the task: that of its run, whose row goes with the last of its tasks. */
function lastKeyOf({ seq, inRun }: TakenOut): number {
  return inRun === null ? keyOf(seq) : inRun.seq + inRun.count - 1;
}
