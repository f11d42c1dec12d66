// When the next delayed task of some lanes becomes visible: for those who wait outside of the line that waiters.ts keeps.

import type { QueueState } from "../state.ts";

/** The next instant after `now` at which a delayed task becomes visible, in any of these lanes; null: none is waiting. */
export function nextVisibleAt(state: QueueState, now: number, lanes: readonly string[]): number | null {
  let next = Number.POSITIVE_INFINITY;
  for (const level of lanes.flatMap((lane) => state.levels.of(lane))) {
    // What is ready already, but could not be claimed, must stay in the level's reckoning: it is not moved on here.
    const nextAt =
      level.nextAt > now ? level.nextAt : state.tasks.firstVisibleFrom(level.lane, level.priority, now + 1);
    next = Math.min(next, nextAt ?? Number.POSITIVE_INFINITY);
  }
  for (const { nextAt } of lanes.flatMap((lane) => state.levels.rings.of(lane))) {
    if (nextAt > now) next = Math.min(next, nextAt);
  }
  return next === Number.POSITIVE_INFINITY ? null : next;
}
