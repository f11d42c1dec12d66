// Removes what has expired: tasks past their TTL or the queue's retention, ids past the dedupe window, producers that have long
// been silent. No claim offers any of it meanwhile.

import { DEFAULT_LANE, LIMITS } from "../core/limits.ts";
import { firstKeyAt, instantOf, keyOf } from "../core/sequence.ts";
import { DEAD, DONE, LIVE, UNSENT_AT, type EndedRow } from "../store/task-row.ts";
import type { Run } from "./arrivals/runs.ts";
import type { PassedTo } from "./housekeeping-times.ts";
import type { QueueState } from "./state.ts";
import { takeOut, type TakenOut } from "./tasks/take-out.ts";
import { visibleAtOf } from "./tasks/task-view.ts";

/** Claimed tasks past their TTL, and as many over the retention, that one round skips; the next goes on after them. */
const CLAIMED_PASSED = LIMITS.pageScan - LIMITS.sweepBatch;

/** Removes what is past its TTL, its retention or its dedupe window, and finds out when there will be more. */
export function housekeep(state: QueueState, now: number): void {
  const queue = state.existing();
  if (queue === null) return;
  let left: number = LIMITS.sweepBatch;
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
  const from = state.housekeeping.lookedTo;
  const most = left + Math.min(state.claims.size, CLAIMED_PASSED);
  const ended = state.tasks.liveEndedAfter(from?.endsAt ?? 0, from?.seq ?? 0, now, most);
  remove(ended.map(asTakenOut));
  // Where it stopped before their end, it looks at them again.
  if (left > 0) state.housekeeping.lookedTo = ended.length < most ? null : (ended.at(-1) ?? null);
  remove(state.tasks.endedOf(DEAD, now, left).map(asTakenOut));
  const forgotten = state.tasks.endedOf(DONE, now, left);
  left -= forgotten.length;
  state.tasks.delete(forgotten.map((row) => row.seq));
  for (const row of forgotten) state.facts.say("forgotten", row, null);
  left -= state.producers.forgetEnded(now, left);
  const { retentionMs } = queue.settings;
  if (retentionMs !== null) {
    for (const rows of overRetention(state, now - retentionMs)) {
      if (left <= 0) break;
      remove(rows);
    }
  }
  const hasMoreKeys = state.keys.forgetRested(now);
  state.housekeeping.doneAt = now;
  scheduleHousekeeping(state);
  if (hasMoreKeys) state.housekeeping.dueAt(now);
  if (left <= 0) state.housekeeping.nextAt = now;
}

/** Finds out when something is next over its time: a few probes of indexes, nothing written. */
export function scheduleHousekeeping(state: QueueState): void {
  state.housekeeping.nextAt = null;
  const queue = state.existing();
  if (queue === null) return;
  for (const kind of [LIVE, DEAD, DONE]) {
    const endsAt = state.tasks.firstEndOf(kind);
    if (endsAt !== null) state.housekeeping.dueAt(endsAt);
    if (endsAt !== null && kind === DEAD) state.hasUnsent = state.tasks.lastEndOf(DEAD) === UNSENT_AT;
  }
  const producersEndAt = state.producers.firstEnd();
  if (producersEndAt !== null) state.housekeeping.dueAt(producersEndAt);
  const { retentionMs } = queue.settings;
  if (retentionMs !== null) {
    const oldest = oldestAt(state);
    if (oldest !== null) state.housekeeping.dueAt(oldest + retentionMs);
  }
}

function asTakenOut(row: Omit<EndedRow, "endsAt"> & { readonly inRun?: Run | null }): TakenOut {
  return { ...row, hasId: row.hasId === 1, inRun: row.inRun ?? null };
}

/** Tasks visible since `visibleBy` or longer, that nobody has finished; some of those that are claimed, and all that are not. */
function* overRetention(state: QueueState, visibleBy: number): Generator<TakenOut[]> {
  const plain: TakenOut[] = [];
  for (const task of state.arrivals.unread()) {
    if (plain.length >= LIMITS.sweepBatch || task.seq >= firstKeyAt(visibleBy + 1)) break;
    plain.push(asTakenOut({ ...task, ...PLAIN }));
  }
  yield plain;
  const { housekeeping } = state;
  let passed = 0;
  for (const { lane, priority, visibleAt = 0, key = 0 } of levelsToLookAt(state)) {
    let at = { lane, priority, visibleAt, key };
    let isWhole = false;
    while (!isWhole) {
      const page = state.tasks.indexedAfter(lane, priority, at.visibleAt, at.key, visibleBy, LIMITS.sweepBatch);
      yield page
        .filter((task) => visibleAtOf(task) <= visibleBy)
        .map((task) => asTakenOut({ ...task, lane, priority, state: LIVE }));
      passed += page.length;
      const last = page.at(-1);
      isWhole = last === undefined || page.length < LIMITS.sweepBatch;
      if (last !== undefined) at = { lane, priority, visibleAt: last.visibleAt ?? 0, key: keyOf(last.seq) };
      if (!isWhole && passed >= CLAIMED_PASSED) {
        housekeeping.passedTo = at;
        return;
      }
    }
    if (visibleAt > 0) housekeeping.passedTo = null;
  }
}

/** The one in which the last round stopped, from there on, before all others. */
function* levelsToLookAt({
  housekeeping,
  levels,
}: QueueState): Generator<Omit<PassedTo, "visibleAt" | "key"> & Partial<PassedTo>> {
  if (housekeeping.passedTo !== null) yield housekeeping.passedTo;
  yield* levels.walk();
}

const PLAIN = { lane: DEFAULT_LANE, priority: 0, state: LIVE } as const;

/** When the task that became visible first did so, or a time before it; null: there is none. */
function oldestAt(state: QueueState): number | null {
  const [plain] = state.arrivals.unread();
  let oldest = plain === undefined ? Number.POSITIVE_INFINITY : instantOf(plain.seq);
  const levels = state.levels.first(LIMITS.levelsWalked);
  // Too many to look at: some are in each round of housekeeping, once a task may be due, which none is before it has been enqueued.
  if (levels.length > LIMITS.levelsWalked) return Math.min(oldest, ...state.tasks.firstSeqs().map(instantOf));
  for (const { lane, priority } of levels) {
    const [first] = state.tasks.indexedAfter(lane, priority, 0, 0, Number.MAX_SAFE_INTEGER, 1);
    if (first !== undefined) oldest = Math.min(oldest, visibleAtOf(first));
  }
  return oldest === Number.POSITIVE_INFINITY ? null : oldest;
}
