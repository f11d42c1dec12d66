// The limits that hold a key back, and until when: its claims, its rate, what is set for it, and the dead tasks that block it. What it
// knows beyond the claims is kept in the rows of claims, which are written anyway, or in a row of the key.

import type { KeyOverride, Limited } from "../../core/key-report.ts";
import { LIMITS } from "../../core/limits.ts";
import { NameMap } from "../../core/name-map.ts";
import { allowedAt, changedTo, charged, creditOf, type Rate } from "../../core/rate.ts";
import { DEFAULT_SETTINGS, type KeySettings, type Settings } from "../../core/settings.ts";
import type { KeyRow, KeyStatements } from "../../store/key-statements.ts";
import type { Charge } from "../../store/claim-statements.ts";
import type { KnownKey } from "../ready/level.ts";

/** Rows kept in memory, those that say nothing too, and the ids of dead tasks in them. */
const ROWS_KEPT = 20_000;
/** Rows that one round of housekeeping looks at: a few milliseconds. */
const ROWS_LOOKED_AT = 10_000;
/** Once as many rates are in use as are kept, so many must have rested before further keys are given tasks: each look goes over all. */
const RATES_FREED = 1_000;
/** Rates that have been used are remembered beyond twice those in use, before those that are past are dropped. */
const STALE_RATES = 1_024;

export class Keys {
  readonly #rows: KeyStatements;
  readonly #settings: () => Settings | undefined;
  readonly #claimedOf: (key: string) => number;
  readonly #woken: (key: string) => void;
  readonly #kept = new NameMap<KeyRow | null>();
  #keptSize = 0;
  readonly #rates = new NameMap<number>();
  #ratesInUse = 0;
  /** As many rates are in use as are kept: until then keys that have not used theirs must wait. */
  #roomAt = 0;
  #hasRows = false;
  /** Rows up to this key have been looked at for what says nothing any longer. */
  #lookedTo = "";
  /** Rows up to this key have been rid of what blocked them before a purge. */
  #sweptTo = "";
  /** When the queue's own rate has been used up. */
  rateAt = 0;
  /** Claims were given nothing since the queue's own rate is used up until then; 0: none was since those who wait were looked at. */
  pacedUntil = 0;

  /** @param woken hears of a key that may be limited no more */
  constructor(
    rows: KeyStatements,
    settings: () => Settings | undefined,
    claimedOf: (key: string) => number,
    woken: (key: string) => void,
  ) {
    this.#rows = rows;
    this.#settings = settings;
    this.#claimedOf = claimedOf;
    this.#woken = woken;
  }

  /** On wake. */
  load(rows: readonly { readonly rateAt: number; readonly charged: readonly Charge[] }[]): void {
    this.#hasRows = this.#rows.hasAny();
    for (const row of rows) {
      this.rateAt = Math.max(this.rateAt, row.rateAt);
      for (const [key, at] of row.charged) this.#rates.set(key, Math.max(at, this.#rates.get(key) ?? 0));
    }
  }

  get settings(): KeySettings {
    return (this.#settings() ?? DEFAULT_SETTINGS).keys;
  }

  row(key: string): KeyRow {
    return this.#row(key) ?? { key, override: {}, restsUntil: 0, blockedBy: [] };
  }

  /** Writes what is set for a key; a row that says nothing is deleted. */
  put(row: KeyRow, now: number): void {
    const { key, override, restsUntil, blockedBy } = row;
    const isNeeded = Object.keys(override).length > 0 || restsUntil > now || blockedBy.length > 0;
    if (isNeeded) this.#rows.put(row);
    else if (this.#row(key) !== null) this.#rows.delete(key);
    this.#hasRows ||= isNeeded;
    this.#keep(key, isNeeded ? row : null);
    this.#woken(key);
  }

  /**
   * Sets what holds for a key instead of what the queue says.
   *
   * @returns whether something else is to be remembered of its rate
   */
  override(key: string, override: KeyOverride, now: number): boolean {
    const before = this.#paceOf(key);
    this.put({ ...this.row(key), override }, now);
    return this.#isChanged(before, this.#paceOf(key), [key], now);
  }

  /**
   * The queue is set to something else.
   *
   * @returns whether something else is to be remembered of rates
   */
  configured(before: Settings, after: Settings, now: number): boolean {
    const rateAt = usedOf(before.rate, after.rate, this.rateAt, now);
    const isQueueChanged = rateAt !== this.rateAt;
    this.rateAt = rateAt;
    const keys = isSame(before.keys.rate, after.keys.rate) ? [] : this.#ratedByQueue();
    return this.#isChanged(before.keys.rate, after.keys.rate, keys, now) || isQueueChanged;
  }

  /** Keys whose use of their rate is remembered, and that have none of their own. */
  #ratedByQueue(): string[] {
    const keys = [...this.#rates.keys()];
    if (!this.#hasRows) return keys;
    const own = this.#rows.rated(keys);
    return keys.filter((key) => !own.has(key));
  }

  #isChanged(before: Rate | null, after: Rate | null, keys: readonly string[], now: number): boolean {
    let isChanged = false;
    for (const key of keys) {
      const at = this.#rates.get(key) ?? 0;
      const used = usedOf(before, after, at, now);
      if (used === at) continue;
      isChanged = true;
      if (used > now) this.#rates.set(key, used);
      else this.#rates.delete(key);
    }
    if (isChanged) this.#roomAt = 0;
    return isChanged;
  }

  weightOf(key: string): number {
    return this.#row(key)?.override.weight ?? 1;
  }

  /** Why no task of the key can be taken now, however little it costs; null: some can. */
  limitOf({ name, claimed, taken }: KnownKey, now: number): Limited | null {
    return this.#limit(name, 0, claimed, taken, now);
  }

  /** Whether its rate holds back a task of this cost. */
  rateLimitOf(key: string, cost: number, now: number): Limited | null {
    const pace = this.#paceOf(key);
    if (pace === null) return null;
    const used = this.#rates.get(key);
    const at = used === undefined ? this.#roomFor(now) : allowedAt(pace, used, cost);
    return at > now ? { by: "rate", until: at } : null;
  }

  /** The same between claims. @param lapsed claims of it that have run out, and will be ended before the next claim */
  limitBeside(lapsed: number, key: string, cost: number, now: number): Limited | null {
    return this.#limit(key, cost, this.#claimedOf(key) - lapsed, 0, now);
  }

  /** Attempts of cost 1 that its rate allows at once; null: it has none. */
  creditOf(key: string, now: number): number | null {
    const pace = this.#paceOf(key);
    return pace === null ? null : creditOf(pace, this.#rates.get(key) ?? 0, now);
  }

  #limit(key: string, cost: number, claimed: number, taken: number, now: number): Limited | null {
    const row = this.#row(key);
    const { order, concurrency } = this.settings;
    if (row?.override.paused === true) return { by: "paused", until: null };
    if (order === "strict" && (row?.blockedBy.length ?? 0) > 0) return { by: "blocked", until: null };
    if (order !== "none" && claimed > 0) return { by: "order", until: null };
    const most = row?.override.concurrency ?? concurrency;
    if (most !== null && claimed + taken >= most) return { by: "concurrency", until: null };
    if (row !== null && row.restsUntil > now) return { by: "limitKey", until: row.restsUntil };
    return this.rateLimitOf(key, cost, now);
  }

  /** When the whole queue's rate allows a task of this cost. */
  queueAllowsAt(cost: number): number {
    const rate = this.#settings()?.rate ?? null;
    return rate === null ? 0 : allowedAt(rate, this.rateAt, cost);
  }

  /** A task is taken. `key` null: it has none. */
  charge(key: string | null, cost: number, now: number): void {
    const rate = this.#settings()?.rate ?? null;
    if (rate !== null) this.rateAt = charged(rate, this.rateAt, cost, now);
    const pace = key === null ? null : this.#paceOf(key);
    if (key === null || pace === null) return;
    this.#rates.set(key, charged(pace, this.#rates.get(key) ?? 0, cost, now));
    if (this.#rates.size > STALE_RATES + 2 * this.#ratesInUse) this.#dropPast(now);
  }

  /** When one more key may use its rate: to forget another's would let that pass its own (K1). */
  #roomFor(now: number): number {
    if (this.#rates.size < LIMITS.ratesKept) return 0;
    if (this.#roomAt > now) return this.#roomAt;
    this.#dropPast(now);
    if (this.#rates.size < LIMITS.ratesKept) return 0;
    const instants = Float64Array.from(this.#rates.values()).sort();
    this.#roomAt = Math.ceil(instants[RATES_FREED - 1] ?? 0);
    return this.#roomAt;
  }

  #dropPast(now: number): void {
    for (const key of this.#rates.keys()) if ((this.#rates.get(key) ?? 0) <= now) this.#rates.delete(key);
    this.#ratesInUse = this.#rates.size;
  }

  /** Keys whose use of their rate is remembered. */
  get ratesKnown(): number {
    return this.#rates.size;
  }

  /** What a claim's row must remember of the keys that it took tasks of. */
  chargesOf(keys: Iterable<string>, now: number): Charge[] {
    return Array.from(keys).flatMap((key): Charge[] => {
      const at = this.#rates.get(key) ?? 0;
      return at > now ? [[key, at]] : [];
    });
  }

  /** What is still to be remembered of all keys, first of those that rest soonest. */
  charges(now: number): Charge[] {
    return this.chargesOf(this.#rates.keys(), now).sort(([, at], [, other]) => at - other);
  }

  /**
   * Removes rows that say nothing any longer, of some that come after those looked at last.
   *
   * @returns whether there are more to be looked at
   */
  forgetRested(now: number): boolean {
    if (!this.#hasRows) return false;
    const next = this.#rows.deleteRested(this.#lookedTo, ROWS_LOOKED_AT, now);
    this.#lookedTo = next ?? "";
    this.#forgetKept();
    this.#hasRows = this.#rows.hasAny();
    return next !== null;
  }

  /** The queue was purged: no key is blocked. @returns whether there are rows that say otherwise */
  purged(): boolean {
    this.#forgetKept();
    this.#sweptTo = "";
    return this.#hasRows;
  }

  /**
   * Takes what blocked keys before a purge out of some rows, those that come after the last.
   *
   * @returns whether there are more
   */
  sweepPurged(limit: number, bytes: number, now: number): boolean {
    const next = this.#rows.sweepPurged(this.#sweptTo, limit, bytes, now);
    this.#sweptTo = next ?? "";
    if (next !== null) return true;
    this.#forgetKept();
    this.#hasRows = this.#rows.hasAny();
    return false;
  }

  /** The queue is deleted, and its keys' rows with it. */
  clear(): void {
    this.#forgetKept();
    this.#rates.clear();
    this.#roomAt = 0;
    this.rateAt = 0;
    this.#hasRows = false;
  }

  /** Keys that have tasks in these lanes or something set, after a place: at most `limit`, in the order of their UTF-8. */
  namesAfter(after: string, lanes: readonly string[], limit: number): string[] {
    return this.#rows.namesAfter(after, lanes, limit);
  }

  page(after: string, limit: number): KeyRow[] {
    return this.#hasRows ? this.#rows.page(after, limit) : [];
  }

  #paceOf(key: string): Rate | null {
    return this.#row(key)?.override.rate ?? this.settings.rate;
  }

  #row(key: string): KeyRow | null {
    if (!this.#hasRows) return null;
    let row = this.#kept.get(key);
    if (row !== undefined) return row;
    row = this.#rows.get(key);
    this.#keep(key, row);
    return row;
  }

  #keep(key: string, row: KeyRow | null): void {
    this.#keptSize += sizeOf(row) - (this.#kept.get(key) === undefined ? 0 : sizeOf(this.#kept.get(key)));
    this.#kept.set(key, row);
    for (const oldest of this.#kept.keys()) {
      if (this.#keptSize <= ROWS_KEPT) return;
      this.#keptSize -= sizeOf(this.#kept.get(oldest));
      this.#kept.delete(oldest);
    }
  }

  #forgetKept(): void {
    this.#kept.clear();
    this.#keptSize = 0;
  }
}

/** One that nothing was set to before begins with its whole burst; what was used of one that is taken away does not matter. */
function usedOf(before: Rate | null, after: Rate | null, theoreticalAt: number, now: number): number {
  if (after === null || isSame(before, after)) return theoreticalAt;
  return before === null ? 0 : changedTo(after, before, theoreticalAt, now);
}

function isSame(one: Rate | null, other: Rate | null): boolean {
  return one?.limit === other?.limit && one?.periodMs === other?.periodMs && one?.burst === other?.burst;
}

function sizeOf(row: KeyRow | null | undefined): number {
  return 1 + (row?.blockedBy.length ?? 0);
}
