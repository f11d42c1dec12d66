// Plain tasks in the order of arrival, from where reading stands: single rows, and the tasks of runs one by one.

import { LIMITS } from "../../core/limits.ts";
import { lastKeyOf, plainTaskBytes, type PlainTasks } from "./kept-row.ts";
import type { Candidate } from "../../store/task-row.ts";
import type { Run, Runs } from "./runs.ts";
import type { TaskRows } from "./task-rows.ts";

export interface PlainTask extends Candidate {
  readonly inRun: Run | null;
}

/** Rows read at a time; a run holds many tasks, so few rows are asked for at first. */
const FIRST_ROWS = 4;

/** How far arrivals have been read and written, which may change while they are read. */
interface Extent {
  readonly readTo: number;
  readonly arrivedTo: number;
}

/** Unfinished plain tasks after the read cursor, claimed ones included. Reads on as long as it is asked. */
export function* unreadPlainTasks(tasks: TaskRows, runs: Runs, extent: Extent): Generator<PlainTask> {
  const { readTo } = extent;
  // The row that is kept is the one at the read cursor, or the next: no row with an unread task is before it.
  const kept = tasks.kept.row;
  const keptTo = kept === null ? 0 : lastKeyOf(kept);
  if (kept !== null && keptTo > readTo) {
    yield* tasksIn(runs, keptCandidate(kept), readTo, (place) => plainTaskBytes(kept, place));
  }
  let from = keptTo >= readTo ? keptTo + 1 : tasks.firstRowAfter(readTo);
  for (let limit = FIRST_ROWS; from <= extent.arrivedTo; limit = Math.min(2 * limit, LIMITS.batchTasks)) {
    const rows = tasks.plainFrom(from, limit);
    for (const row of rows) yield* tasksIn(runs, row, readTo);
    if (rows.length < limit) return;
    from = (rows.at(-1)?.seq ?? from) + 1;
  }
}

/** @param bytesOf the size of the payload at a place, where it is known; absent: the run's size is shared out */
function* tasksIn(
  runs: Runs,
  row: Candidate,
  afterKey: number,
  bytesOf?: (place: number) => number,
): Generator<PlainTask> {
  if (row.run === null) {
    yield { ...row, inRun: null };
    return;
  }
  const inRun = runs.of(row.seq, row.run);
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
  return {
    seq: kept.seq,
    version: 1,
    attempts: 0,
    visibleAt: null,
    endsAt: null,
    run,
    hasId: 0,
    bytes,
    form: "json",
    otherBytes: 0,
    cost: null,
    retryAt: null,
  };
}
