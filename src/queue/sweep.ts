// All work that is due, and when the next will be. Correctness never waits for it (P13): claims compare times themselves.

import { DEFAULT_LANE, LIMITS } from "../core/limits.ts";
import { firstKeyAt, instantOf } from "../core/sequence.ts";
import type { QueueRow } from "../store/queue-statements.ts";
import { DEAD, DONE, LIVE, UNSENT_AT, type EndedRow } from "../store/task-row.ts";
import type { Chore } from "./chores.ts";
import { sweepClaimRows } from "./claims/claim-rows.ts";
import { endExpired } from "./claims/end-attempt.ts";
import type { Run } from "./arrivals/runs.ts";
import { unsentLetters } from "./mail/unsent-letters.ts";
import { takeOut, type TakenOut } from "./tasks/take-out.ts";
import { visibleAtOf } from "./tasks/task-view.ts";
import type { QueueState } from "./state.ts";

/** Free claim rows kept when nothing is in flight; more are only read again at every wake. */
const FREE_CLAIM_ROWS = 1_000;

/** The chores of a queue's tasks. */
export function choresOf(state: () => QueueState): Chore[] {
  return [
    {
      name: "expired claims",
      nextAt: () => state().claims.nextDeadline(),
      run: (now) => endExpiredClaims(state(), now),
    },
    {
      name: "housekeeping",
      nextAt: () => (state().existing() === null ? null : state().housekeepAt),
      run: (now) => housekeepQueue(state(), now),
    },
    {
      name: "silent export",
      nextAt: () => silentAt(state().exports.touchedAt, LIMITS.exportSilenceMs),
      run: () => state().exports.end(),
    },
    {
      name: "silent import",
      nextAt: () => silentAt(state().imports.touchedAt, LIMITS.importSilenceMs),
      run: () => state().imports.giveUp(),
    },
    unsentLetters(state),
  ];
}

/** When it has been silent for that long; null: there is none. */
function silentAt(touchedAt: number | null, silenceMs: number): number | null {
  return touchedAt === null ? null : touchedAt + silenceMs;
}

function endExpiredClaims(state: QueueState, now: number): void {
  const queue = state.existing();
  if (queue !== null) endExpired(state, queue, now, LIMITS.sweepBatch);
  const isNeeded = state.claims.size > 0 || state.claims.isResting || state.keys.rateAt > now;
  if (isNeeded || state.claims.slotCount <= FREE_CLAIM_ROWS) return;
  sweepClaimRows(state);
}

function housekeepQueue(state: QueueState, now: number): void {
  const queue = state.existing();
  if (queue !== null) housekeep(state, queue, now, LIMITS.sweepBatch);
}

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

/** Removes what is past its TTL, its retention or its dedupe window, and finds out when there will be more. */
function housekeep(state: QueueState, queue: QueueRow, now: number, limit: number): void {
  let left = limit;
  let bytes = 0;
  const remove = (rows: readonly TakenOut[]): void => {
    const free: TakenOut[] = [];
    for (const row of rows) {
      if (free.length >= left || bytes >= LIMITS.turnFreedBytes) break;
      if (state.claims.get(row.seq) !== undefined) continue;
      free.push(row);
      bytes += row.bytes;
    }
    takeOut(state, free, now, "removed");
    left = bytes >= LIMITS.turnFreedBytes ? 0 : left - free.length;
  };
  const ended = (kind: number): TakenOut[] => state.tasks.endedOf(kind, now, left + state.claims.size).map(asTakenOut);
  remove(ended(LIVE));
  remove(ended(DEAD));
  const forgotten = state.tasks.endedOf(DONE, now, left);
  left -= forgotten.length;
  state.tasks.delete(forgotten.map((row) => row.seq));
  for (const row of forgotten) state.facts.say("forgotten", row, null);
  left -= state.producers.forgetEnded(now, left);
  const { retentionMs } = queue.settings;
  if (retentionMs !== null) {
    for (const rows of overRetention(state, now - retentionMs, limit)) {
      if (left <= 0) break;
      remove(rows);
    }
  }
  state.keys.forgetRested(now);
  state.housekeptAt = now;
  scheduleHousekeeping(state);
  if (left <= 0) state.housekeepAt = now;
}

/** Finds out when something is next over its time: a few probes of indexes, nothing written. */
export function scheduleHousekeeping(state: QueueState): void {
  state.housekeepAt = null;
  const queue = state.existing();
  if (queue === null) return;
  for (const kind of [LIVE, DEAD, DONE]) {
    const endsAt = state.tasks.firstEndOf(kind);
    if (endsAt !== null) state.dueAt(endsAt);
    if (endsAt !== null && kind === DEAD) state.hasUnsent = state.tasks.lastEndOf(DEAD) === UNSENT_AT;
  }
  const producersEndAt = state.producers.firstEnd();
  if (producersEndAt !== null) state.dueAt(producersEndAt);
  const { retentionMs } = queue.settings;
  if (retentionMs !== null) {
    const oldest = oldestAt(state);
    if (oldest !== null) state.dueAt(oldest + retentionMs);
  }
}

function asTakenOut(row: EndedRow & { readonly inRun?: Run | null }): TakenOut {
  return { ...row, hasId: row.hasId === 1, inRun: row.inRun ?? null };
}

/** Tasks visible since `visibleBy` or longer, that nobody has finished. */
function* overRetention(state: QueueState, visibleBy: number, limit: number): Generator<TakenOut[]> {
  const plain: TakenOut[] = [];
  for (const task of state.arrivals.unread()) {
    if (plain.length >= limit || task.seq >= firstKeyAt(visibleBy + 1)) break;
    plain.push(asTakenOut({ ...task, ...PLAIN }));
  }
  yield plain;
  for (const { lane, priority } of state.levels.walk()) {
    yield state.tasks
      .indexedAfter(lane, priority, 0, 0, visibleBy, limit)
      .filter((task) => visibleAtOf(task) <= visibleBy)
      .map((task) => asTakenOut({ ...task, lane, priority, state: LIVE }));
  }
}

const PLAIN = { lane: DEFAULT_LANE, priority: 0, state: LIVE } as const;

/** When the unclaimed task that became visible first did so; null: there is none. */
function oldestAt(state: QueueState): number | null {
  const [plain] = state.arrivals.unread();
  let oldest = plain === undefined ? Number.POSITIVE_INFINITY : instantOf(plain.seq);
  const levels = state.levels.first(LIMITS.levelsWalked);
  // Too many to look at: some are looked at in each round of housekeeping.
  if (levels.length > LIMITS.levelsWalked) return 0;
  for (const { lane, priority } of levels) {
    const [first] = state.tasks.indexedAfter(lane, priority, 0, 0, Number.MAX_SAFE_INTEGER, 1);
    if (first !== undefined) oldest = Math.min(oldest, visibleAtOf(first));
  }
  return oldest === Number.POSITIVE_INFINITY ? null : oldest;
}
