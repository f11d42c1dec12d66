// Reads what keys offer next, for many keys at once, in the order of (visible_at, key): the entries of the index alone, which
// are in one page for a key, while its rows are each in another. A row keeps the range that it was first stored in, so those of
// one instant lie in two, which the index does not merge: a page ends between two instants if it can.

import { keyOf } from "../../core/sequence.ts";
import type { TaskStatements } from "../../store/task-statements.ts";
import type { WholeTask } from "../tasks/whole-task.ts";

/** Where to read on. */
export interface Bookmark {
  readonly lane: string;
  readonly priority: number;
  readonly afterAt: number;
  readonly afterKey: number;
  /** No task of that instant comes after that key. */
  readonly isBetween: boolean;
}

export interface Place {
  readonly visibleAt: number;
  readonly seq: number;
  /** null: its row has not been read. */
  task: WholeTask | null;
}

export interface Ahead {
  readonly places: Place[];
  readonly isWhole: boolean;
  /** As in `Bookmark`, of the last place. */
  readonly isBetween: boolean;
}

/** At most `limit` tasks of each, and fewer only if there are no more. */
export function readAhead(tasks: TaskStatements, marks: readonly Bookmark[], limit: number): Ahead[] {
  const tied = atInstants(
    tasks,
    marks.map((mark) => (mark.isBetween ? null : mark)),
    limit,
  );
  // One more than fits shows whether a page ends within an instant.
  const after = tasks.ahead("ahead", marks, limit + 1).map(placesOf);
  const ends = marks.map((_mark, index) => endOf(limit - (tied[index]?.length ?? 0), after[index] ?? []));
  const rest = atInstants(
    tasks,
    marks.map((mark, index) => {
      const end = ends[index];
      return end === undefined || end.missing === 0 ? null : { ...mark, afterAt: end.nextAt, afterKey: 0 };
    }),
    limit,
  );
  return ends.map(({ places, missing, isWhole }, index) => {
    const before = tied[index] ?? [];
    if (before.length === limit) return { places: before, isWhole: false, isBetween: false };
    const last = (rest[index] ?? []).slice(0, missing);
    return { places: [...before, ...places, ...last], isWhole, isBetween: missing === 0 };
  });
}

/** Where a page of `room` ends: the tasks of the instants that fit whole, and how many of the next are still to come. */
function endOf(room: number, after: readonly Place[]) {
  const next = after[room];
  if (next === undefined) return { places: after, missing: 0, nextAt: 0, isWhole: true };
  const places = after.slice(0, room).filter(({ visibleAt }) => visibleAt !== next.visibleAt);
  return { places, missing: room - places.length, nextAt: next.visibleAt, isWhole: false };
}

/** The tasks of one instant of each, after its key; null: none is asked for. */
function atInstants(
  tasks: TaskStatements,
  marks: readonly (Omit<Bookmark, "isBetween"> | null)[],
  limit: number,
): Place[][] {
  const asked = marks.filter((mark) => mark !== null);
  if (asked.length === 0) return [];
  const found = tasks.ahead("aheadAt", asked, limit);
  let place = -1;
  return marks.map((mark) => {
    if (mark === null) return [];
    place += 1;
    return placesOf(found[place] ?? "[]").slice(0, limit);
  });
}

/** @param list JSON [instant, seq, instant, seq, ...], in no order */
function placesOf(list: string): Place[] {
  const values = JSON.parse(list) as number[];
  const places: Place[] = [];
  for (let at = 0; at + 1 < values.length; at += 2) {
    places.push({ visibleAt: values[at] ?? 0, seq: values[at + 1] ?? 0, task: null });
  }
  return places.sort((a, b) => a.visibleAt - b.visibleAt || keyOf(a.seq) - keyOf(b.seq));
}
