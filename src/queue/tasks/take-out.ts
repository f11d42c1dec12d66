// Takes finished tasks out: acked, cancelled, moved away or expired. The one place where a live task's row ends.

import type { Run } from "../arrivals/runs.ts";
import { keyOf } from "../../core/sequence.ts";
import { DONE } from "../../store/task-row.ts";
import type { Claim } from "../claims/claim.ts";
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
  unblockByGone(state, tasks, now);
  for (const task of tasks) gatherOut(state, task, state.claims.get(task.seq), now, kind);
  state.gone.write();
}

/**
 * The same of one that blocks no key, or goes on blocking it, but its row is written with those of other tasks, before the next operation
 * that reads any.
 *
 * @param claim the one that is on it
 */
export function gatherOut(
  state: QueueState,
  task: TakenOut,
  claim: Claim | undefined,
  now: number,
  kind: Ending,
): void {
  const dedupeMs = state.row?.settings.dedupeMs ?? 0;
  const isRemembered = task.inRun === null && task.hasId && dedupeMs > 0;
  if (task.inRun !== null) state.arrivals.runs.settle(task.inRun, task.seq);
  else if (isRemembered) {
    state.gone.remember(task, now + dedupeMs);
    state.housekeeping.dueAt(now + dedupeMs);
  } else state.gone.remove(task);
  const after = isRemembered ? { ...task, state: DONE, visibleAt: null } : null;
  const tookMs = kind === "acked" && claim !== undefined ? ackedAfter(state, claim, now) : null;
  state.facts.say(kind, task, after, tookMs);
  state.scans.freed(task.bytes);
  if (claim !== undefined) state.claims.end(claim);
  state.gone.upTo(lastKeyOf(task));
}

/** How long the task was claimed, which its claimant has now done. */
function ackedAfter(state: QueueState, { slot }: Claim, now: number): number | null {
  state.claimants.acked(slot.claimant, now);
  return slot.claimedAt === null ? null : now - slot.claimedAt;
}

/** The last key that goes with the task: that of its run, whose row goes with the last of its tasks. */
function lastKeyOf({ seq, inRun }: TakenOut): number {
  return inRun === null ? keyOf(seq) : inRun.seq + inRun.count - 1;
}
