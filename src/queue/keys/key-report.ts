// Reports about keys: how many tasks one has, what holds it back, and which keys there are. Reads a bounded number of
// rows, whatever the backlog. Knows nothing of how an operation asks.

import { LIMITS } from "../../core/limits.ts";
import type { KeyOverride, KeyReport, Limited } from "../../core/key-report.ts";
import type { InputOf } from "../../core/operation.ts";
import { storedLane } from "../../core/stored-lane.ts";
import { rewriteCharges } from "../claims/claim-rows.ts";
import { lapsedClaims, type LapsedClaims } from "../claims/lapsed-claims.ts";
import { retryBefore } from "./held-back.ts";
import type { QueueState } from "../state.ts";

/** Tasks of one level that are counted, at most. */
const COUNTED = 1_000;
/** Keys that one page looks at, and index probes that it makes, at most. */
const LOOKED_AT = 1_000;
const PROBES = 20_000;

export interface KeyPage {
  readonly keys: readonly KeyReport[];
  /** Where the next page begins; null: this was the last. A page may be empty and not the last. */
  readonly after: string | null;
}

export function keyReport(state: QueueState, key: string, now: number): KeyReport {
  return reportOf(state, [...state.tasks.lanes()], key, lapsedClaims(state.claims, now), now);
}

/** Keys that have tasks, claims or something set, in the order of their UTF-8. */
export function listKeys(state: QueueState, input: InputOf<"listKeys">, now: number): KeyPage {
  const lanes = [...state.tasks.lanes()];
  const lapsed = lapsedClaims(state.claims, now);
  const most = Math.max(1, Math.min(LOOKED_AT, Math.floor(PROBES / Math.max(1, lanes.length))));
  const names = state.keys.namesAfter(input.after, lanes, most);
  const keys: KeyReport[] = [];
  let looked = names.length;
  let after = names.length < most ? null : (names.at(-1) ?? null);
  for (const key of names) {
    if (!isAsked(state, key, lanes, input.limited, lapsed, now)) continue;
    const report = reportOf(state, lanes, key, lapsed, now);
    keys.push(report);
    looked += report.ready + report.delayed + report.claimed + report.blockedBy.length;
    if (keys.length < input.limit && looked < LIMITS.pageScan) continue;
    after = key;
    break;
  }
  state.scans.looked(looked);
  return { keys, after };
}

/**
 * The dead tasks that block a strict key do so no more, and stay dead; a rest that a consumer asked for ends.
 *
 * @returns the ids of the dead tasks
 */
export function unblock(state: QueueState, key: string, now: number): readonly string[] {
  const row = state.keys.row(key);
  if (row.blockedBy.length > 0 || row.restsUntil > 0) state.keys.put({ ...row, blockedBy: [], restsUntil: 0 }, now);
  return row.blockedBy;
}

/** What holds for one key instead of what the queue says; `{}` or null: nothing. From the next claim on. */
export function setOverride(state: QueueState, key: string, override: KeyOverride | null, now: number): void {
  if (state.keys.override(key, override ?? {}, now)) rewriteCharges(state, now);
}

function isAsked(
  state: QueueState,
  key: string,
  lanes: readonly string[],
  by: InputOf<"listKeys">["limited"],
  lapsed: LapsedClaims,
  now: number,
): boolean {
  if (by === undefined) return true;
  const limited = limitOf(state, lanes, key, lapsed, now);
  return limited !== null && (by === "any" || limited.by === by);
}

function limitOf(
  state: QueueState,
  lanes: readonly string[],
  key: string,
  lapsed: LapsedClaims,
  now: number,
): Limited | null {
  const limited = state.keys.limitBeside(lapsed.ofKey(key), key, 1, now);
  if (limited !== null || state.keys.settings.order === "none") return limited;
  for (const lane of lanes) {
    for (const level of state.tasks.levelsOf(storedLane(lane, key))) {
      const retry = retryBefore(state, level, now);
      if (retry !== null) return retry;
    }
  }
  return null;
}

function reportOf(
  state: QueueState,
  lanes: readonly string[],
  key: string,
  lapsed: LapsedClaims,
  now: number,
): KeyReport {
  const claimed = state.claims.places.inKey(key) - lapsed.ofKey(key);
  let tasks = 0;
  let delayed = 0;
  let hasMore = false;
  for (const lane of lanes) {
    for (const level of state.tasks.levelsOf(storedLane(lane, key))) {
      const counted = state.tasks.countFirst(level.lane, level.priority, now, COUNTED);
      tasks += counted.tasks;
      delayed += counted.delayed;
      hasMore ||= counted.tasks >= COUNTED;
    }
  }
  const { override, blockedBy } = state.keys.row(key);
  return {
    key,
    ready: Math.max(0, tasks - delayed - claimed),
    delayed,
    claimed,
    hasMore,
    limited: limitOf(state, lanes, key, lapsed, now),
    credit: state.keys.creditOf(key, now),
    override,
    blockedBy,
  };
}
