// Plain tasks in the order of arrival, from where reading stands: single rows, and the tasks of runs one by one.

import { LIMITS } from "../core/limits.ts";
import type { Candidate } from "../store/task-row.ts";
import { firstRowAfter } from "./find-task.ts";
import type { Run } from "./runs.ts";
import type { QueueState } from "./state.ts";

export interface PlainTask extends Candidate {
  readonly inRun: Run | null;
}

/** Rows read at a time; a run holds many tasks, so few rows are asked for at first. */
const FIRST_ROWS = 4;

/** Unfinished plain tasks behind `afterKey`, claimed ones included. Reads on as long as it is asked. */
export function* plainTasksAfter(state: QueueState, afterKey: number): Generator<PlainTask> {
  let from = firstRowAfter(state, afterKey);
  for (let limit = FIRST_ROWS; ; limit = Math.min(2 * limit, LIMITS.batchTasks)) {
    const rows = state.tasks.plainFrom(from, limit);
    for (const row of rows) yield* tasksIn(state, row, afterKey);
    if (rows.length < limit) return;
    from = (rows.at(-1)?.seq ?? from) + 1;
  }
}

function* tasksIn(state: QueueState, row: Candidate, afterKey: number): Generator<PlainTask> {
  if (row.run === null) {
    yield { ...row, inRun: null };
    return;
  }
  const inRun = state.runs.of(row.seq, row.run);
  const bytes = Math.ceil(row.bytes / row.run);
  for (let place = Math.max(0, afterKey + 1 - row.seq); place < row.run; place += 1) {
    if (!inRun.settled.has(place)) yield { ...row, seq: row.seq + place, run: null, bytes, inRun };
  }
}
