// Counts what a queue uses: rows, calls, messages, alarms and time awake, for this hour, this day and this month (UTC). It counts
// where something is done anyway, once for a call and never for a task, and stores nothing by itself: what it has counted goes along
// in the rows of the history. An eviction takes with it what was counted since the last of those.

import type { Sql } from "../../store/sql.ts";
import { AlarmBreaker } from "./alarm-breaker.ts";
import { TaskBreaker } from "./task-breaker.ts";
import { Tally, type StoredTally, type UsedFor } from "./tally.ts";

/** As it is stored in a row of the history; the newest counts. */
interface MeterRecord {
  readonly at: number;
  /** The life of the queue that counted: what comes with an import was used by another. */
  readonly life: string;
  readonly hour: StoredTally;
  readonly day: StoredTally;
  readonly month: StoredTally;
}

export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

export class Meter {
  /** Slows an alarm that only costs. */
  readonly breaker = new AlarmBreaker();
  /** Names a task that only costs. */
  readonly tasks = new TaskBreaker();
  readonly #sql: Pick<Sql, "rowsRead" | "rowsWritten">;
  readonly #hour = new Tally();
  /** Of the day without the hour, and of the month without the day: so that a call is counted once. */
  readonly #day = new Tally();
  readonly #month = new Tally();
  #now: number;
  #hourEndsAt = 0;
  /** Rows that are counted. */
  #rowsRead: number;
  #rowsWritten: number;
  /** What earlier lives of the object had stored is in it. */
  #isLoaded = false;
  /** Since when something keeps the object awake that has not been counted; null: nothing does. */
  #awakeSince: number | null = null;

  constructor(sql: Pick<Sql, "rowsRead" | "rowsWritten">, now: number) {
    this.#sql = sql;
    this.#rowsRead = sql.rowsRead;
    this.#rowsWritten = sql.rowsWritten;
    this.#now = now;
    this.#hourEndsAt = hourOf(now) + HOUR_MS;
  }

  get isLoaded(): boolean {
    return this.#isLoaded;
  }

  /** Counts a turn. What was read and written since the last was for deliveries, and what is at its end for gathered tasks. */
  turn(now: number, body: () => void): void {
    this.#begins(now);
    try {
      body();
    } finally {
      this.charge("enqueue", 0);
    }
  }

  #begins(now: number): void {
    this.upTo(now);
    this.charge("delivery", 0);
    this.#awakeSince ??= now;
  }

  /** What ended before this instant is no part of the present hour, day and month. */
  upTo(now: number): void {
    if (now >= this.#hourEndsAt || now < this.#hourEndsAt - HOUR_MS) this.#passTo(now);
    this.#now = now;
  }

  /** @param isKept something goes on that keeps the object awake */
  rests(isKept: boolean, now: number): void {
    if (this.#awakeSince !== null) this.#hour.awakeMs += Math.max(0, now - this.#awakeSince);
    this.#awakeSince = isKept ? now : null;
  }

  /** What was read and written since rows were last counted was for this. */
  charge(use: UsedFor, calls: number): void {
    const { rowsRead, rowsWritten } = this.#sql;
    if (calls === 0 && rowsRead === this.#rowsRead && rowsWritten === this.#rowsWritten) return;
    const used = this.#hour.of(use);
    used.calls += calls;
    used.rowsRead += rowsRead - this.#rowsRead;
    used.rowsWritten += rowsWritten - this.#rowsWritten;
    this.#rowsRead = rowsRead;
    this.#rowsWritten = rowsWritten;
  }

  /** The object was called. */
  request(use: UsedFor): void {
    this.#hour.of(use).requests += 1;
  }

  /** A message came over a socket. */
  message(): void {
    this.#hour.of("socket").calls += 1;
  }

  /** An alarm was set, which writes a row. */
  alarmSet(): void {
    this.#hour.of("alarm").rowsWritten += 1;
  }

  /** Before a row of the history is written that is to hold what it costs itself. */
  chargeHistoryRow(): void {
    this.charge("history", 0);
    this.#hour.of("history").rowsWritten += 1;
    this.#rowsWritten += 1;
  }

  /** What was used in this hour. */
  get hour(): Tally {
    return this.#hour;
  }

  /** What was used in this day, a sum that is made anew each time. */
  day(): Tally {
    return sumOf(this.#day, this.#hour);
  }

  /** The same of this month. */
  month(): Tally {
    return sumOf(this.#month, this.day());
  }

  record(life: string): MeterRecord {
    const [hour, day, month] = [this.#hour, this.#day, this.#month].map((tally) => tally.toStored());
    return { at: this.#now, life, hour: hour ?? {}, day: day ?? {}, month: month ?? {} };
  }

  /** Adds what is stored of earlier lives of the object, as far as it is of the present hour, day and month. */
  load(stored: unknown, life: string): void {
    this.#isLoaded = true;
    if (typeof stored !== "object" || stored === null) return;
    const { at, life: counted, hour, day, month } = stored as Partial<Record<keyof MeterRecord, unknown>>;
    if (typeof at !== "number" || counted !== life || monthOf(at) !== monthOf(this.#now)) return;
    const isToday = dayOf(at) === dayOf(this.#now);
    const ofDay = isToday ? this.#day : this.#month;
    (hourOf(at) === hourOf(this.#now) ? this.#hour : ofDay).addStored(hour);
    ofDay.addStored(day);
    this.#month.addStored(month);
  }

  #passTo(now: number): void {
    this.#day.add(this.#hour);
    this.#hour.clear();
    if (dayOf(now) !== dayOf(this.#now)) {
      this.#month.add(this.#day);
      this.#day.clear();
    }
    if (monthOf(now) !== monthOf(this.#now)) this.#month.clear();
    this.#hourEndsAt = hourOf(now) + HOUR_MS;
  }
}

function sumOf(one: Tally, other: Tally): Tally {
  const sum = new Tally();
  sum.add(one);
  sum.add(other);
  return sum;
}

/** When the hour began. */
export function hourOf(now: number): number {
  return now - (now % HOUR_MS);
}

export function dayOf(now: number): number {
  return now - (now % DAY_MS);
}

export function monthOf(now: number, later = 0): number {
  const date = new Date(now);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + later);
}
