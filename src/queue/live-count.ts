// How many tasks a queue holds. Counted once after a wake, when somebody first asks, and kept by every write after that.

import { DEAD, DONE } from "../store/task-row.ts";
import type { QueueState } from "./state.ts";

/** Every task, the dead ones and the remembered ids included. */
export function rowCount(state: QueueState): number {
  state.rowCount ??= state.existing() === null ? 0 : state.tasks.countAll() - state.arrivals.runs.settledCount();
  return state.rowCount;
}

/** Tasks that are ready, delayed or claimed. */
export function liveCount(state: QueueState): number {
  if (state.existing() === null) return 0;
  return rowCount(state) - state.tasks.countOf(DEAD) - state.tasks.countOf(DONE);
}
