// How many tasks are in which state. Reads only: a claim past its deadline counts as ready before anybody has ended it.

import { DEFAULT_LANE } from "../core/limits.ts";
import type { LaneStats, Stats } from "../core/operation.ts";
import { instantOf } from "../core/sequence.ts";
import { DONE } from "../store/task-row.ts";
import { rowCount } from "./live-count.ts";
import type { QueueState } from "./state.ts";

type Counts = { -readonly [Name in keyof LaneStats]: LaneStats[Name] };

export function statsOf(state: QueueState, now: number): Stats {
  // Lanes are named by users, who may well say "constructor".
  const lanes = new Map<string, Counts>();
  const lane = (name: string): Counts => {
    const counts = lanes.get(name) ?? { ready: 0, delayed: 0, claimed: 0, dead: 0 };
    lanes.set(name, counts);
    return counts;
  };
  // What is in no index is plain, in the default lane; so is counted by taking the rest away.
  let plain = rowCount(state) - state.tasks.countOf(DONE);
  for (const { lane: name, n } of state.tasks.countDeadByLane()) {
    lane(name).dead = n;
    plain -= n;
  }
  for (const { lane: name, n, delayed } of state.tasks.countIndexedByLane(now)) {
    lane(name).delayed = delayed;
    lane(name).ready = n - delayed;
    plain -= n;
  }
  lane(DEFAULT_LANE).ready += plain;
  for (const claim of state.claims.values()) {
    if (claim.expiresAt <= now) continue;
    lane(claim.lane).claimed += 1;
    lane(claim.lane).ready -= 1;
  }
  const sum = (name: keyof LaneStats): number => lanes.values().reduce((total, counts) => total + counts[name], 0);
  return {
    ready: sum("ready"),
    delayed: sum("delayed"),
    claimed: sum("claimed"),
    dead: sum("dead"),
    oldestReadyAgeMs: oldestReadyAgeMs(state, now),
    bytes: state.sql.sizeBytes(),
    outbox: state.outbox.count(),
    lanes: Object.fromEntries(lanes),
  };
}

function oldestReadyAgeMs(state: QueueState, now: number): number | null {
  let oldest = Number.POSITIVE_INFINITY;
  // A claimed plain task lies behind the cursor only after a wake; there are never more of them than claims in flight.
  for (const { seq } of state.arrivals.unread()) {
    if (state.claims.get(seq) !== undefined) continue;
    oldest = instantOf(seq);
    break;
  }
  for (const level of state.levels.all()) {
    if (level.nextAt > now) continue;
    const page = state.tasks.indexedAfter(
      level.lane,
      level.priority,
      level.afterAt,
      level.afterSeq,
      now,
      state.claims.size + 1,
    );
    const first = page.find((task) => state.claims.get(task.seq) === undefined);
    if (first !== undefined) oldest = Math.min(oldest, first.visibleAt ?? now);
  }
  for (const claim of state.claims.values()) if (claim.expiresAt <= now) oldest = Math.min(oldest, claim.expiresAt);
  return oldest === Number.POSITIVE_INFINITY ? null : Math.max(0, now - oldest);
}
