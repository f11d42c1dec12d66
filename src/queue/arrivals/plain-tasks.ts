// Plain tasks in the order of arrival, from where reading stands: single rows, and the tasks of runs one by one.

import { LIMITS } from "../../core/limits.ts";
import { lastKeyOf, plainTaskBytes, type PlainTasks } from "./kept-row.ts";
import type { Candidate } from "../../store/task-row.ts";
import { firstRowAfter } from "../tasks/find-task.ts";
import type { Run } from "./runs.ts";
import type { QueueState } from "../state.ts";

export interface PlainTask extends Candidate {
  readonly inRun: Run | null;
}

/** Rows read at a time; a run holds many tasks, so few rows are asked for at first. */
const FIRST_ROWS = 4;

/** Unfinished plain tasks behind the read cursor, claimed ones included. Reads on as long as it is asked. */
export function* unreadPlainTasks(state: QueueState): Generator<PlainTask> {
  const { readTo } = state;
  // What is kept is where reading stands, or is next: no row with an unread task is before it.
  const kept = state.tasks.kept.row;
  const keptTo = kept === null ? 0 : lastKeyOf(kept);
  if (kept !== null && keptTo > readTo) {
    yield* tasksIn(state, keptCandidate(kept), readTo, (place) => plainTaskBytes(kept, place));
  }
  let from = keptTo >= readTo ? keptTo + 1 : firstRowAfter(state, readTo);
  for (let limit = FIRST_ROWS; from <= state.plainTo; limit = Math.min(2 * limit, LIMITS.batchTasks)) {
    const rows = state.tasks.plainFrom(from, limit);
    for (const row of rows) yield* tasksIn(state, row, readTo);
    if (rows.length < limit) return;
    from = (rows.at(-1)?.seq ?? from) + 1;
  }
}

/** @param bytesOf the size of the payload at a place, where it is known; absent: the run's size is shared out */
function* tasksIn(
  state: QueueState,
  row: Candidate,
  afterKey: number,
  bytesOf?: (place: number) => number,
): Generator<PlainTask> {
  if (row.run === null) {
    yield { ...row, inRun: null };
    return;
  }
  const inRun = state.runs.of(row.seq, row.run);
  const share = Math.ceil(row.bytes / row.run);
  for (let place = Math.max(0, afterKey + 1 - row.seq); place < row.run; place += 1) {
    if (inRun.settled.has(place)) continue;
    yield { ...row, seq: row.seq + place, run: null, bytes: bytesOf?.(place) ?? share, inRun };
  }
}

/** A kept row as the statement would give it; of a run, the bytes of each payload are asked for as it is reached. */
function keptCandidate(kept: PlainTasks): Candidate {
  const run = kept.isRun ? kept.payloads.length : null;
  const bytes = kept.isRun ? 0 : plainTaskBytes(kept, 0);
  return { seq: kept.seq, version: 1, attempts: 0, visibleAt: null, endsAt: null, run, hasId: 0, bytes };
}
