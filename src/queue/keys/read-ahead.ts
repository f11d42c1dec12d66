// Reads what keys offer next, for many keys at once, in the order of (visible_at, key). A row keeps the range that it was first
// stored in, so those of one instant lie in two, which the index does not merge: a page ends between two instants if it can.

import { keyOf } from "../../core/sequence.ts";
import type { AheadList } from "../../store/task-row.ts";
import type { TaskStatements } from "../../store/task-statements.ts";
import { wholeTask, type WholeTask } from "../tasks/whole-task.ts";

/** Where to read on. */
export interface Bookmark {
  readonly lane: string;
  readonly priority: number;
  readonly afterAt: number;
  readonly afterKey: number;
  /** No task of that instant comes after that key. */
  readonly isBetween: boolean;
}

export interface Ahead {
  readonly rows: WholeTask[];
  readonly isWhole: boolean;
  /** As in `Bookmark`, of the last row. */
  readonly isBetween: boolean;
}

/** At most `limit` tasks of each, and fewer only if there are no more. */
export function readAhead(tasks: TaskStatements, marks: readonly Bookmark[], limit: number): Ahead[] {
  const tied = atInstants(
    tasks,
    marks.map((mark) => (mark.isBetween ? null : mark)),
    limit,
  );
  // One more than fits tells whether a page ends within an instant.
  const after = byPlace(marks, tasks.ahead(marks, limit + 1));
  const ends = marks.map((_mark, index) => endOf(limit - (tied[index]?.length ?? 0), after[index] ?? []));
  const rest = atInstants(
    tasks,
    marks.map((mark, index) => {
      const end = ends[index];
      return end === undefined || end.missing === 0 ? null : { ...mark, afterAt: end.nextAt, afterKey: 0 };
    }),
    limit,
  );
  return ends.map(({ rows, missing, isWhole }, index) => {
    const before = tied[index] ?? [];
    if (before.length === limit) return { rows: before, isWhole: false, isBetween: false };
    const last = (rest[index] ?? []).slice(0, missing);
    return { rows: [...before, ...rows, ...last], isWhole, isBetween: missing === 0 };
  });
}

/** Where a page of `room` ends: the tasks of the instants that fit whole, and how many of the next are still to come. */
function endOf(room: number, after: readonly WholeTask[]) {
  const next = after[room];
  if (next === undefined) return { rows: after, missing: 0, nextAt: 0, isWhole: true };
  const rows = after.slice(0, room).filter(({ visibleAt }) => visibleAt !== next.visibleAt);
  return { rows, missing: room - rows.length, nextAt: next.visibleAt ?? 0, isWhole: false };
}

/** The tasks of one instant of each, after its key; null: none is asked for. */
function atInstants(
  tasks: TaskStatements,
  marks: readonly (Omit<Bookmark, "isBetween"> | null)[],
  limit: number,
): WholeTask[][] {
  const asked = marks.filter((mark) => mark !== null);
  if (asked.length === 0) return [];
  const found = byPlace(asked, tasks.aheadAt(asked, limit));
  let place = -1;
  return marks.map((mark) => {
    if (mark === null) return [];
    place += 1;
    return found[place]?.slice(0, limit) ?? [];
  });
}

function byPlace(levels: readonly { readonly lane: string; readonly priority: number }[], rows: readonly AheadList[]) {
  const found: WholeTask[][] = levels.map(() => []);
  for (const [place, seq, version, attempts, visibleAt, bytes, payload, more] of rows) {
    const level = levels[place];
    if (level === undefined) continue;
    const row = { seq, version, attempts, visibleAt, bytes, payload, more };
    found[place]?.push(wholeTask(row, level.lane, level.priority));
  }
  for (const some of found) some.sort((a, b) => (a.visibleAt ?? 0) - (b.visibleAt ?? 0) || keyOf(a.seq) - keyOf(b.seq));
  return found;
}
