// In a queue whose keys have a strict order, a dead task blocks its key until it is redriven, cancelled or gone, or the key is
// unblocked. Those beyond what its row has room for do not: they were claimed before the order was strict.

import { LIMITS } from "../../core/limits.ts";
import { keyOf } from "../../core/sequence.ts";
import { taskKeyOf } from "../../core/stored-lane.ts";
import { DEAD } from "../../store/task-row.ts";
import type { QueueState } from "../state.ts";
import { headByKey } from "../tasks/find-task.ts";
import { idOf } from "../tasks/task-view.ts";

/** A task of this stored lane has died. */
export function blockKey(state: QueueState, lane: string, id: string, now: number): void {
  const key = taskKeyOf(lane);
  if (key === null || state.keys.settings.order !== "strict") return;
  const row = state.keys.row(key);
  if (row.blockedBy.length < LIMITS.keyBlockers) state.keys.put({ ...row, blockedBy: [...row.blockedBy, id] }, now);
}

/** A task that had this key when it died is dead no more. */
export function unblockKey(state: QueueState, key: string | null, id: string, now: number): void {
  const row = key === null ? null : state.keys.row(key);
  if (row?.blockedBy.includes(id) !== true) return;
  state.keys.put({ ...row, blockedBy: row.blockedBy.filter((other) => other !== id) }, now);
}

/** A dead task of this stored lane goes by another id. */
export function renameBlocker(state: QueueState, lane: string, id: string, newId: string, now: number): void {
  const key = taskKeyOf(lane);
  const row = key === null ? null : state.keys.row(key);
  if (row?.blockedBy.includes(id) !== true) return;
  state.keys.put({ ...row, blockedBy: row.blockedBy.map((other) => (other === id ? newId : other)) }, now);
}

/** Whatever takes dead tasks out: a cancel, a modify, a redrive, or the end of their retention. Before their rows go. */
export function unblockByGone(
  state: QueueState,
  tasks: readonly { readonly seq: number; readonly lane: string; readonly state: number }[],
  now: number,
): void {
  for (const { seq, lane, state: is } of tasks) {
    const key = is === DEAD ? taskKeyOf(lane) : null;
    if (key === null || state.keys.row(key).blockedBy.length === 0) continue;
    const head = headByKey(state, keyOf(seq));
    if (head !== undefined) unblockKey(state, key, idOf(state.lives, head), now);
  }
}
