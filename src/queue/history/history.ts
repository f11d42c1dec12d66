// The history of a queue's tasks: the last hour by ten seconds in memory, seven days by minute in its database. A minute is
// written in the commit of a turn that says a fact, so that no alarm, timer or commit is added: when the next minute has come, or
// when nothing is claimed any more, since the object may then sleep for good. There is at most one row for each minute that has
// passed. What an eviction or a crash takes along is what happened since the last row: less than a minute of it.

import type { Histogram } from "../../core/histogram.ts";
import type { ClosedMinute, Durations } from "../../core/queue-history.ts";
import { addEvents, noEvents, type EventCounts } from "../../core/task-event.ts";
import { HISTORY_MINUTES, HistoryStatements } from "../../store/history-statements.ts";
import type { Sql } from "../../store/sql.ts";
import type { QueueHost } from "../queue-host.ts";
import { Meter, monthOf } from "../budget/meter.ts";
import { Sample } from "./sample.ts";
import type { TurnEvents } from "./turn-events.ts";

const FINE_MS = 10_000;
export const MINUTE_MS = 60_000;
const FINE_SPANS = 360;
/** Rows that may be written in one minute after minutes without any: for what wakes a queue, and for what ends it. */
const SAVED_ROWS = 2;

/** What happened from an instant on, for so long. */
export interface Span {
  readonly at: number;
  readonly ms: number;
  readonly sample: Sample;
}

/** What is read of a queue's state at the end of a turn. */
interface Ended {
  readonly turnEvents: TurnEvents;
  readonly claims: { readonly size: number };
  readonly counts: { readonly isComplete: boolean; readonly live: number; readonly dead: number };
  existing(): Life | null;
  /** Writes what the turn has gathered, as its end does. */
  writeGathered(): void;
}

interface Life {
  readonly createdAt: number;
  readonly tag: string;
}

export class History {
  /** Since the queue was opened, those of turns that failed included. */
  rowsWritten = 0;
  /** What the queue uses. What it has counted goes along in the rows. */
  readonly meter: Meter;
  readonly #rows: HistoryStatements;
  readonly #openedAt: number;
  readonly #host: Pick<QueueHost, "closed">;
  /** The row of the minute in which the queue was opened, as it was then; undefined: as it is. */
  #openedWith: string | null | undefined = undefined;
  readonly #totals = new Sample();
  /** By their starts, the oldest first. */
  readonly #recent = new Map<number, Sample>();
  /** Minutes that no row holds yet, or not in full; the oldest first. */
  readonly #unwritten = new Map<number, Sample>();
  /** What has been committed in the ten seconds from `#freshAt` on and is in none of these yet: a turn adds to one sample. */
  readonly #fresh = new Sample();
  #freshAt = 0;
  /** Minutes that this turn writes, and what in each of them is new. */
  #writing: { readonly minute: number; readonly added: Sample }[] = [];
  /** The minute up to which rows have been used up; null: not known since the queue was opened. */
  #spentTo: number | null = null;

  /** @param host hears of each row what is new in it, once it is committed */
  constructor(sql: Sql, now: number, host: Pick<QueueHost, "closed">) {
    this.meter = new Meter(sql, now);
    this.#rows = new HistoryStatements(sql);
    this.#host = host;
    this.#openedAt = now;
  }

  /** At the end of a turn, in its commit: writes what is due. */
  look(state: Ended, now: number): void {
    const queue = state.existing();
    if (state.turnEvents.isEmpty || queue === null) return;
    const minute = minuteOf(now);
    const isQuiet = state.claims.size === 0;
    if ((!isQuiet && this.#oldest(minute) === minute) || (this.#spentTo ?? 0) >= minute) return;
    this.#settleFresh();
    let spentTo = this.#spentTo ?? Math.max(minuteOf(queue.createdAt), this.#spentBefore(minute));
    for (const due of new Set([...this.#unwritten.keys(), minute])) {
      if (spentTo >= minute || (due === minute && !isQuiet)) break;
      // What this turn costs stands in the row, too.
      state.writeGathered();
      this.meter.charge("enqueue", 0);
      this.#write(due, due === minute ? state : null, queue, now);
      spentTo = Math.max(spentTo, minute - SAVED_ROWS) + 1;
    }
    this.#spentTo = spentTo;
  }

  /** The turn has been committed. */
  committed(state: Ended, now: number): void {
    const { turnEvents } = state;
    if (!turnEvents.isEmpty) {
      const at = now - (now % FINE_MS);
      if (at !== this.#freshAt) this.#settleFresh();
      this.#freshAt = at;
      turnEvents.addTo(this.#fresh);
      measure(this.#fresh, state);
    }
    if (this.#writing.length > 0) {
      this.#settleFresh();
      for (const { minute, added } of this.#writing.splice(0)) {
        this.#unwritten.delete(minute);
        this.#host.closed?.(closedMinute(minute, added));
      }
    }
    if (turnEvents.isEnded) {
      this.#settleFresh();
      this.#recent.clear();
      this.#unwritten.clear();
      this.#spentTo = null;
    }
    turnEvents.clear();
  }

  /** The turn failed: it wrote nothing. */
  rolledBack(): void {
    this.#writing = [];
    // Found again in the rows.
    this.#spentTo = null;
  }

  /** What has happened since the queue was opened. */
  totals(): Sample {
    this.#settleFresh();
    return this.#totals;
  }

  /** What happened in the last minute or a little less of it, as far as memory goes back. */
  lastMinute(now: number): { readonly events: EventCounts; readonly coveredMs: number } {
    this.#settleFresh();
    const from = now - (now % FINE_MS) - MINUTE_MS + FINE_MS;
    const events = noEvents();
    for (const [at, sample] of this.#recent) if (at >= from) addEvents(events, sample.events);
    return { events, coveredMs: now - from + 1 };
  }

  /**
   * What happened between two instants, in its order. Spans in which nothing happened are left out.
   *
   * @param isFine by ten seconds as far as memory goes back, by minute before
   */
  spans(from: number, to: number, isFine: boolean, now: number): Span[] {
    this.#settleFresh();
    const memoryFrom = Math.max(this.#openedAt, now - FINE_SPANS * FINE_MS);
    const first = Math.max(minuteOf(from), minuteOf(now) - HISTORY_MINUTES + 1);
    const last = Math.min(minuteOf(to - 1), minuteOf(now), isFine ? minuteOf(memoryFrom) - 1 : Infinity);
    const minutes = new Map<number, Sample>();
    if (first <= last) {
      for (const { minute, sample } of this.#rows.between(first, last)) minutes.set(minute, Sample.fromText(sample));
    }
    for (const [minute, sample] of this.#unwritten) {
      if (minute >= first && minute <= last) sampleAt(minutes, minute).add(sample);
    }
    if (isFine && memoryFrom === this.#openedAt) this.#addOpening(minutes, from, to);
    const spans = Array.from(minutes, ([minute, sample]) => ({ at: minute * MINUTE_MS, ms: MINUTE_MS, sample }));
    if (!isFine) return spans.sort((a, b) => a.at - b.at);
    for (const [at, sample] of this.#recent) {
      if (at + FINE_MS > from && at < to) spans.push({ at, ms: FINE_MS, sample });
    }
    return spans;
  }

  /** The meter, with what earlier lives of the object counted. */
  meterOf({ tag }: Life, now: number): Meter {
    if (!this.meter.isLoaded) {
      const newest = this.#rows.newest(minuteOf(monthOf(now)), minuteOf(now));
      this.meter.load(newest === null ? null : (JSON.parse(newest) as { readonly cost?: unknown }).cost, tag);
    }
    return this.meter;
  }

  /** @param turn whose events are part of it; null: they are of a later minute */
  #write(minute: number, turn: Ended | null, life: Life, now: number): void {
    const stored = this.#rows.get(minute);
    if (minute === minuteOf(this.#openedAt) && this.#openedWith === undefined) this.#openedWith = stored;
    const added = new Sample();
    const unwritten = this.#unwritten.get(minute);
    if (unwritten !== undefined) added.add(unwritten);
    if (turn !== null) {
      turn.turnEvents.addTo(added);
      measure(added, turn);
    }
    const sample = stored === null ? new Sample() : Sample.fromText(stored);
    sample.add(added);
    const meter = this.meterOf(life, now);
    meter.chargeHistoryRow();
    this.#rows.put(minute, sample.toText(meter.record(life.tag)));
    this.#writing.push({ minute, added });
    this.rowsWritten += 1;
  }

  /** The first minute that is not written in full. @param minute the present one, if all before are */
  #oldest(minute: number): number {
    const [oldest = this.#fresh.isEmpty ? minute : minuteOf(this.#freshAt)] = this.#unwritten.keys();
    return oldest;
  }

  /** Hands what is fresh on to the hour, to its minute and to the totals. */
  #settleFresh(): void {
    if (this.#fresh.isEmpty) return;
    this.#recentAt(this.#freshAt).add(this.#fresh);
    sampleAt(this.#unwritten, minuteOf(this.#freshAt)).add(this.#fresh);
    this.#totals.add(this.#fresh);
    this.#fresh.clear();
  }

  /** What earlier lives did in the minute in which this one began. */
  #addOpening(minutes: Map<number, Sample>, from: number, to: number): void {
    const minute = minuteOf(this.#openedAt);
    if (minute < minuteOf(from) || minute > minuteOf(to - 1)) return;
    const text = this.#openedWith === undefined ? this.#rows.get(minute) : this.#openedWith;
    if (text !== null) minutes.set(minute, Sample.fromText(text));
  }

  /** By the rows of this minute and the one before, how far they have been used up before the queue was opened. */
  #spentBefore(minute: number): number {
    return [minute, minute - 1].find((at) => this.#rows.get(at) !== null) ?? minute - SAVED_ROWS;
  }

  #recentAt(at: number): Sample {
    const known = this.#recent.get(at);
    if (known !== undefined) return known;
    for (const old of this.#recent.keys()) {
      if (old > at - FINE_SPANS * FINE_MS) break;
      this.#recent.delete(old);
    }
    return sampleAt(this.#recent, at);
  }
}

/** How much waits, and how much is dead, as far as that is counted. */
function measure(sample: Sample, { counts, claims }: Ended): void {
  sample.backlog = counts.isComplete ? counts.live - claims.size : null;
  sample.dead = counts.isComplete ? counts.dead : null;
}

function closedMinute(minute: number, { events, backlog, dead, wait, run }: Sample): ClosedMinute {
  return { at: minute * MINUTE_MS, events, backlog, dead, wait: durationsIn(wait), run: durationsIn(run) };
}

function durationsIn(seen: Histogram): Durations {
  return { times: seen.total, p50: seen.quantile(0.5), p95: seen.quantile(0.95) };
}

function minuteOf(at: number): number {
  return Math.floor(at / MINUTE_MS);
}

function sampleAt(samples: Map<number, Sample>, at: number): Sample {
  const known = samples.get(at);
  if (known !== undefined) return known;
  const sample = new Sample();
  samples.set(at, sample);
  return sample;
}
