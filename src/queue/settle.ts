// Takes finished tasks out: acked, cancelled, moved away or expired. The one place where a live task's row ends.

import type { QueueState } from "./state.ts";

export interface Settled {
  readonly seq: number;
  readonly hasId: boolean;
}

/**
 * Removes the rows and whatever claims were on them. A task with its producer's own id leaves that id behind for the
 * dedupe window (P10): the same row without its payload, one write now and one when it is forgotten.
 */
export function settle(state: QueueState, settled: readonly Settled[], now: number): void {
  const dedupeMs = state.row?.settings.dedupeMs ?? 0;
  const remembered = dedupeMs > 0 ? settled.filter((task) => task.hasId) : [];
  const removed = dedupeMs > 0 ? settled.filter((task) => !task.hasId) : settled;
  state.tasks.delete(removed.map((task) => task.seq));
  state.tasks.markDone(
    remembered.map((task) => task.seq),
    now + dedupeMs,
  );
  if (state.rowCount !== null) state.rowCount -= removed.length;
  if (remembered.length > 0) state.dueAt(now + dedupeMs, now);
  for (const task of settled) state.claims.remove(task.seq);
}
