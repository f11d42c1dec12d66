// Plain tasks in the order of arrival, from where reading stands: single rows, and the tasks of runs one by one.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import { lastKeyOf, plainTaskBytes } from "./kept-row.ts";
import type { AheadMore, Candidate, PlainRow } from "../../store/task-row.ts";
import { wholeTask, type WholeTask } from "../tasks/whole-task.ts";
import type { Run, Runs } from "./runs.ts";
import type { TaskRows } from "./task-rows.ts";

export type PlainTask = WholeTask | (Candidate & { readonly inRun: Run | null });

/** Rows read at a time; a run holds many tasks, so few rows are asked for at first. */
const FIRST_ROWS = 4;
/** In larger reads more is passed over than is taken, so that payloads are not read along. */
const MOST_WHOLE = 128;

/** How far arrivals have been read and written, which may change while they are read. */
interface Extent {
  readonly readTo: number;
  readonly arrivedTo: number;
}

/**
 * Unfinished plain tasks after the read cursor, claimed ones included. Reads on as long as it is asked.
 *
 * @param read "whole": with payloads that are small, for who takes what is found
 */
export function* unreadPlainTasks(
  tasks: TaskRows,
  runs: Runs,
  extent: Extent,
  read: "heads" | "whole",
): Generator<PlainTask> {
  const { readTo } = extent;
  // The row that is kept is the one at the read cursor, or the next: no row with an unread task is before it.
  const kept = tasks.kept.row;
  const keptTo = kept === null ? 0 : lastKeyOf(kept);
  if (kept !== null && keptTo > readTo) {
    if (kept.isRun) {
      yield* tasksIn(runs, kept.seq, kept.payloads.length, readTo, (place) => plainTaskBytes(kept, place));
    } else yield plainCandidate(kept.seq, plainTaskBytes(kept, 0), null);
  }
  let from = keptTo >= readTo ? keptTo + 1 : tasks.firstRowAfter(readTo);
  for (let limit = FIRST_ROWS; from <= extent.arrivedTo; limit = Math.min(2 * limit, LIMITS.batchTasks)) {
    const rows = tasks.plainFrom(from, limit, read === "whole" && limit <= MOST_WHOLE ? LIMITS.aheadBytes : 0);
    for (const row of rows) {
      if (row.run === null) yield wholeTask(row, moreOf(row), PLAIN_LEVEL);
      else yield* tasksIn(runs, row.seq, row.run, readTo, shareOf(row, row.run));
    }
    if (rows.length < limit) return;
    from = (rows.at(-1)?.seq ?? from) + 1;
  }
}

const PLAIN_LEVEL = { lane: DEFAULT_LANE, key: null, priority: 0 };

function moreOf({ more }: PlainRow): AheadMore | null {
  return more === null ? null : (JSON.parse(more) as AheadMore);
}

/** The tasks of a run. @param bytesOf the size of the payload at a place */
function* tasksIn(
  runs: Runs,
  seq: number,
  count: number,
  afterKey: number,
  bytesOf: (place: number) => number,
): Generator<PlainTask> {
  const inRun = runs.of(seq, count);
  for (let place = Math.max(0, afterKey + 1 - seq); place < count; place += 1) {
    if (!inRun.settled.has(place)) yield plainCandidate(seq + place, bytesOf(place), inRun);
  }
}

/** Where it is not known how large each is, the run's size is shared out. */
function shareOf({ bytes }: PlainRow, count: number): () => number {
  const share = Math.ceil(bytes / count);
  return () => share;
}

/** Plain tasks have a payload and nothing else. */
function plainCandidate(seq: number, bytes: number, inRun: Run | null): PlainTask {
  return {
    seq,
    version: 1,
    attempts: 0,
    visibleAt: null,
    endsAt: null,
    run: null,
    hasId: 0,
    bytes,
    form: "json",
    otherBytes: 0,
    cost: null,
    retryAt: null,
    inRun,
  };
}
