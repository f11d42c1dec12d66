// In a queue whose keys have a strict order, a dead task blocks its key until it is redriven, cancelled, or the key is
// unblocked.

import { taskKeyOf } from "../../core/stored-lane.ts";
import type { QueueState } from "../state.ts";

/** A task of this stored lane has died. */
export function blockKey(state: QueueState, lane: string, id: string, now: number): void {
  const key = taskKeyOf(lane);
  if (key === null || state.keys.settings.order !== "strict") return;
  const row = state.keys.row(key);
  state.keys.put({ ...row, blockedBy: [...row.blockedBy, id] }, now);
}

/** It is dead no more. */
export function unblockKey(state: QueueState, lane: string, id: string, now: number): void {
  const key = taskKeyOf(lane);
  const row = key === null ? null : state.keys.row(key);
  if (row?.blockedBy.includes(id) !== true) return;
  state.keys.put({ ...row, blockedBy: row.blockedBy.filter((other) => other !== id) }, now);
}
