// What people ask about keys: how many tasks one has, what holds it back, and which keys there are. Reads a bounded number of
// rows, whatever the backlog. Knows nothing of how an operation asks.

import type { KeyLimit, KeyOverride } from "../../core/key-settings.ts";
import { storedLane, taskKeyOf } from "../../core/stored-lane.ts";
import type { QueueState } from "../state.ts";
import type { Limited } from "./keys.ts";

/** Tasks of one level that are counted, at most. */
const COUNTED = 1_000;
/** Keys that one page looks at, and index probes that it makes, at most. */
const LOOKED_AT = 1_000;
const PROBES = 20_000;

export interface KeyReport {
  readonly key: string;
  /** Could be claimed now if nothing held the key back. */
  readonly ready: number;
  /** Visible later, or waiting for a retry. */
  readonly delayed: number;
  readonly claimed: number;
  /** `ready` and `delayed` were counted up to a bound: there may be more. */
  readonly hasMore: boolean;
  /** Why its next task is not offered now; null: nothing holds it back. */
  readonly limited: Limited | null;
  /** Attempts of cost 1 that its rate allows at once now; null: it has no rate. */
  readonly credit: number | null;
  /** How far behind the present virtual time its next turn is; 0: its turn has come. In turns. */
  readonly turnsAhead: number;
  readonly override: KeyOverride;
  /** Ids of the dead tasks that block it. */
  readonly blockedBy: readonly string[];
}

export interface KeyPage {
  readonly keys: readonly KeyReport[];
  /** Where the next page begins; null: this was the last. A page may be empty and not the last. */
  readonly after: string | null;
}

export interface KeyPageInput {
  /** "": from the first. */
  readonly after: string;
  /** 1 to LIMITS.pageKeys. */
  readonly limit: number;
  /** Only keys that this holds back; "any": whatever does. */
  readonly limitedBy?: KeyLimit | "any";
}

export function keyReport(state: QueueState, key: string, now: number): KeyReport {
  return reportOf(state, [...state.tasks.lanes()], key, lapsedOf(state, now), now);
}

/** Keys that have tasks, claims or something set, in the order of their UTF-8. */
export function listKeys(state: QueueState, input: KeyPageInput, now: number): KeyPage {
  const lanes = [...state.tasks.lanes()];
  const lapsed = lapsedOf(state, now);
  const looked = Math.max(1, Math.min(LOOKED_AT, Math.floor(PROBES / Math.max(1, lanes.length))));
  const names = state.keys.namesAfter(input.after, lanes, looked);
  const keys: KeyReport[] = [];
  for (const key of names) {
    if (isAsked(state, key, lanes, input.limitedBy, lapsed, now)) keys.push(reportOf(state, lanes, key, lapsed, now));
    if (keys.length >= input.limit) return { keys, after: key };
  }
  return { keys, after: names.length < looked ? null : (names.at(-1) ?? null) };
}

/**
 * Why a task that is ready is not offered: what holds its key back, or an earlier one of its key that waits for its retry.
 * null: nothing does, or it has no key.
 */
export function taskLimit(
  state: QueueState,
  task: { readonly lane: string; readonly priority: number; readonly cost: number | null },
  now: number,
): Limited | null {
  const key = taskKeyOf(task.lane);
  if (key === null) return null;
  return (
    state.keys.limitBeside(lapsedOf(state, now).get(key) ?? 0, key, task.cost ?? 1, now) ??
    retryBefore(state, task, now)
  );
}

/**
 * The dead tasks that block a strict key do so no more. They stay dead.
 *
 * @returns their ids
 */
export function unblock(state: QueueState, key: string, now: number): readonly string[] {
  const row = state.keys.row(key);
  if (row.blockedBy.length > 0) state.keys.put({ ...row, blockedBy: [] }, now);
  return row.blockedBy;
}

/** What holds for one key instead of what the queue says; `{}` or null: nothing. From the next claim on. */
export function setOverride(state: QueueState, key: string, override: KeyOverride | null, now: number): void {
  state.keys.put({ ...state.keys.row(key), override: override ?? {} }, now);
}

/** By key, its claims that have run out and have not been ended yet: they hold nothing back. */
type Lapsed = ReadonlyMap<string, number>;

function lapsedOf(state: QueueState, now: number): Lapsed {
  const lapsed = new Map<string, number>();
  const deadline = state.claims.nextDeadline();
  if (deadline === null || deadline > now) return lapsed;
  for (const { lane, expiresAt } of state.claims.values()) {
    const key = taskKeyOf(lane);
    if (key !== null && expiresAt <= now) lapsed.set(key, (lapsed.get(key) ?? 0) + 1);
  }
  return lapsed;
}

function isAsked(
  state: QueueState,
  key: string,
  lanes: readonly string[],
  by: KeyPageInput["limitedBy"],
  lapsed: Lapsed,
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
  lapsed: Lapsed,
  now: number,
): Limited | null {
  const limited = state.keys.limitBeside(lapsed.get(key) ?? 0, key, 1, now);
  if (limited !== null || state.keys.settings.order === "none") return limited;
  for (const lane of lanes) {
    for (const level of state.tasks.levelsOf(storedLane(lane, key))) {
      const retry = retryBefore(state, level, now);
      if (retry !== null) return retry;
    }
  }
  return null;
}

/** Where keys have an order, a task that waits for its retry is the first of its level. */
function retryBefore(
  state: QueueState,
  { lane, priority }: { readonly lane: string; readonly priority: number },
  now: number,
): Limited | null {
  if (state.keys.settings.order === "none") return null;
  const retryAt = state.tasks.indexedAfter(lane, priority, 0, 0, now, 1)[0]?.retryAt ?? 0;
  return retryAt > now ? { by: "order", until: retryAt } : null;
}

function reportOf(state: QueueState, lanes: readonly string[], key: string, lapsed: Lapsed, now: number): KeyReport {
  const claimed = state.claims.lanes.inKey(key) - (lapsed.get(key) ?? 0);
  let tasks = 0;
  let delayed = 0;
  let hasMore = false;
  let turnsAhead = 0;
  for (const lane of lanes) {
    for (const level of state.tasks.levelsOf(storedLane(lane, key))) {
      const counted = state.tasks.countFirst(level.lane, level.priority, now, COUNTED);
      tasks += counted.tasks;
      delayed += counted.delayed;
      hasMore ||= counted.tasks >= COUNTED;
      turnsAhead = Math.max(turnsAhead, state.levels.rings.turnsAhead(level));
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
    turnsAhead,
    override,
    blockedBy,
  };
}
