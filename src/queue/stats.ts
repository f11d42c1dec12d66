// How many tasks are in which state. Reads no backlog: counts are kept by facts, and a claim past its deadline counts as ready
// before anybody has ended it.

import { DEFAULT_LANE, LIMITS } from "../core/limits.ts";
import type { LaneStats, Stats } from "../core/operation.ts";
import { instantOf } from "../core/sequence.ts";
import { laneOf } from "../core/stored-lane.ts";
import { budgetReached } from "./budget/budget-reached.ts";
import { firstReadyAt } from "./ready/first-ready.ts";
import type { QueueState } from "./state.ts";

type Counts = { -readonly [Name in keyof LaneStats]: LaneStats[Name] };

/** Of the queue as a whole, and of each of its lanes. */
interface Counted extends LaneStats, Pick<Stats, "oldestReadyAgeMs"> {
  readonly lanes: ReadonlyMap<string, LaneStats>;
}

/** The counts must have been brought to `now`. */
export function statsOf(state: QueueState, now: number): Stats {
  const { lanes, ...counted } = countedOf(state, now);
  return {
    ...counted,
    bytes: state.sql.sizeBytes(),
    outbox: state.outbox.messages,
    budgetReached: budgetReached(state, now),
    alarmSlowedMs: state.history.meter.breaker.restMs,
    slowedTask: state.history.meter.tasks.slowed(now),
    lanes: Object.fromEntries(lanes),
  };
}

/** The part of it that is tasks: the size of the database is not asked for. */
export function countedOf(state: QueueState, now: number): Counted {
  // Lanes are named by users, who may well say "constructor".
  const lanes = new Map<string, Counts>([[DEFAULT_LANE, { ready: 0, delayed: 0, claimed: 0, dead: 0 }]]);
  for (const [lane, { live, delayed, dead }] of state.counts.lanes())
    lanes.set(lane, { ready: live - delayed, delayed, claimed: 0, dead });
  state.scans.walked(state.claims.size + lanes.size);
  for (const claim of state.claims.values()) {
    const lane = claim.expiresAt > now ? lanes.get(laneOf(claim.lane)) : undefined;
    if (lane === undefined) continue;
    lane.claimed += 1;
    // Where delayed tasks are not counted apart, one that is claimed may still count as delayed.
    if (lane.ready > 0) lane.ready -= 1;
    else lane.delayed -= 1;
  }
  const sum = (name: keyof LaneStats): number => lanes.values().reduce((total, counts) => total + counts[name], 0);
  return {
    ready: sum("ready"),
    delayed: sum("delayed"),
    claimed: sum("claimed"),
    dead: sum("dead"),
    oldestReadyAgeMs: oldestReadyAgeMs(state, lanes, now),
    lanes,
  };
}

function oldestReadyAgeMs(state: QueueState, lanes: ReadonlyMap<string, Counts>, now: number): number | null {
  let oldest = Number.POSITIVE_INFINITY;
  // A claimed plain task lies after the cursor only after a wake; there are never more of them than claims in flight.
  for (const { seq } of state.arrivals.unread()) {
    if (state.claims.get(seq) !== undefined) continue;
    oldest = instantOf(seq);
    break;
  }
  let looked = 0;
  for (const [lane, { ready }] of lanes) {
    if (ready === 0) continue;
    if (looked >= LIMITS.levelsWalked) break;
    const levels = state.levels.of(lane);
    looked += levels.length + 1;
    for (const level of levels) oldest = Math.min(oldest, firstReadyAt(state, level, now));
    for (const ring of state.levels.rings.of(lane)) oldest = Math.min(oldest, ring.oldestAt(now));
  }
  for (const claim of state.claims.values()) if (claim.expiresAt <= now) oldest = Math.min(oldest, claim.expiresAt);
  return oldest === Number.POSITIVE_INFINITY ? null : Math.max(0, now - oldest);
}
