// How many tasks a claim would find, without claiming: reads about as many as it is asked to count, and moves no cursor.

import { DEFAULT_LANE } from "../../core/limits.ts";
import { instantOf, keyOf } from "../../core/sequence.ts";
import type { Level } from "./level.ts";
import type { QueueState } from "../state.ts";

export interface Ready {
  /** At most the limit that was asked for. */
  readonly count: number;
  /** Since when the oldest of them has been ready; null: there is none. */
  readonly oldestAt: number | null;
}

export function countReady(state: QueueState, lanes: readonly string[], limit: number, now: number): Ready {
  const levels = lanes.flatMap((lane) => state.levels.of(lane));
  const since = levels.flatMap((level) => [
    ...first(limit, plainSince(state, level)),
    ...first(limit, indexedSince(state, level, limit, now)),
  ]);
  for (const lane of lanes) {
    if (!state.levels.rings.isFound(lane)) state.levels.findKeys(lane);
    for (const ring of state.levels.rings.of(lane)) {
      for (const level of ring.candidates(now)) {
        if (since.length < limit) since.push(...first(limit - since.length, indexedSince(state, level, limit, now)));
      }
    }
  }
  if (since.length === 0) return { count: 0, oldestAt: null };
  return { count: Math.min(limit, since.length), oldestAt: since.reduce((oldest, at) => Math.min(oldest, at)) };
}

function* plainSince(state: QueueState, { lane, priority }: Level): Generator<number> {
  if (lane !== DEFAULT_LANE || priority !== 0 || !state.arrivals.hasUnread) return;
  for (const { seq } of state.arrivals.unread()) {
    if (state.claims.get(seq) === undefined) yield instantOf(seq);
  }
}

function* indexedSince(state: QueueState, level: Level, pageSize: number, now: number): Generator<number> {
  if (level.nextAt > now) return;
  let { afterAt, afterKey } = level;
  for (;;) {
    const page = state.tasks.indexedAfter(level.lane, level.priority, afterAt, afterKey, now, pageSize);
    for (const { seq, visibleAt } of page) {
      afterAt = visibleAt ?? afterAt;
      afterKey = keyOf(seq);
      if (state.claims.get(seq) === undefined) yield visibleAt ?? now;
    }
    if (page.length < pageSize) return;
  }
}

function first(count: number, instants: Generator<number>): number[] {
  return instants.take(count).toArray();
}
