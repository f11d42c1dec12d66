// Since when the first unclaimed task of a level has been ready. Moves no cursor.

import { keyOf } from "../../core/sequence.ts";
import type { QueueState } from "../state.ts";
import type { Level } from "./level.ts";

/** Few of the first entries are claimed, but for a while after a wake. */
const FIRST_PAGE = 4;
const LARGEST_PAGE = 1_000;

/** Infinity: none is ready in the index. */
export function firstReadyAt(state: QueueState, level: Level, now: number): number {
  if (level.nextAt > now) return Number.POSITIVE_INFINITY;
  let { afterAt, afterKey } = level;
  for (let size = FIRST_PAGE; ; size = Math.min(4 * size, LARGEST_PAGE)) {
    const page = state.tasks.indexedAfter(level.lane, level.priority, afterAt, afterKey, now, size);
    const first = page.find((task) => state.claims.get(task.seq) === undefined);
    if (first !== undefined) return first.visibleAt ?? now;
    const last = page.at(-1);
    if (last === undefined || page.length < size) return Number.POSITIVE_INFINITY;
    afterAt = last.visibleAt ?? afterAt;
    afterKey = keyOf(last.seq);
  }
}
