// How many tasks are in which state, by lane. After a wake the rows are counted once, in slices, while the queue goes on: as fast as it
// can when somebody asks, some for each report otherwise. Facts keep the counts from then on. So an answer never costs more the larger
// the backlog is.

import { DEFAULT_LANE } from "../core/limits.ts";
import { DEAD, DONE, LIVE, type CountedSlice } from "../store/task-row.ts";
import type { TaskStatements } from "../store/task-statements.ts";
import type { FactKind, FactReader, Place } from "./facts.ts";

export interface LaneCount {
  /** Ready, delayed and claimed. */
  live: number;
  /** Of the live, those that were to become visible after the instant up to which counts are brought. */
  delayed: number;
  dead: number;
}

interface Lane extends LaneCount {
  /** By priority, an instant before which none of the delayed becomes visible. */
  readonly nextAt: Map<number, number>;
}

/** Rows counted in one turn: a few milliseconds. */
const SLICE_ROWS = 10_000;
/** Sorts after every row. */
const ALL = Number.POSITIVE_INFINITY;

export class Counts implements FactReader {
  readonly #tasks: TaskStatements;
  /** Of the tasks of a row that holds several, how many are gone. */
  readonly #goneOf: (fromSeq: number, toSeq: number) => number;
  readonly #writeGone: () => void;
  readonly #lanes = new Map<string, Lane>();
  #live = 0;
  #dead = 0;
  #remembered = 0;
  /** Rows up to here are counted. 0: none. */
  #countedTo = 0;
  /** Delayed tasks are those that become visible after this instant. */
  #broughtTo = 0;
  /** None of the delayed, in any lane, becomes visible before. */
  #nextAt = ALL;

  /** @param writeGone has the rows go of tasks that have ended: what is counted in the index is what facts have said */
  constructor(tasks: TaskStatements, goneOf: (fromSeq: number, toSeq: number) => number, writeGone: () => void) {
    this.#tasks = tasks;
    this.#goneOf = goneOf;
    this.#writeGone = writeGone;
  }

  /** Nothing is stored: everything is counted. */
  startEmpty(): void {
    this.#countedTo = ALL;
  }

  /**
   * Counts some more rows, if not all are counted, and brings counts to `now`. What is gathered must have been written.
   *
   * @param rows how many, at most
   * @returns whether the counts are exact; if not, ask again in the next turn
   */
  bringTo(now: number, rows = SLICE_ROWS): boolean {
    if (this.#countedTo === 0) this.#broughtTo = now;
    if (this.#countedTo !== ALL) this.#countSlice(rows);
    if (this.#countedTo !== ALL) return false;
    if (now > this.#broughtTo) this.#ripen(now);
    return true;
  }

  /**
   * A turn begins. If nothing that was delayed has become visible, the counts hold for `now`: then what is written visible in this
   * turn is ready at once. Otherwise each lane that it is written to would be asked how many of its tasks are.
   */
  turn(now: number): void {
    if (this.#countedTo === ALL && now > this.#broughtTo && now < this.#nextAt) this.#broughtTo = now;
  }

  /** Facts alone keep the counts from now on. */
  get isComplete(): boolean {
    return this.#countedTo === ALL;
  }

  /** Ready, delayed and claimed. */
  get live(): number {
    return this.#live;
  }

  get dead(): number {
    return this.#dead;
  }

  /** Ids of finished tasks within the dedupe window. */
  get remembered(): number {
    return this.#remembered;
  }

  /** Lanes that hold tasks. */
  lanes(): ReadonlyMap<string, LaneCount> {
    return this.#lanes;
  }

  hear(_kind: FactKind, before: Place | null, after: Place | null): void {
    if (this.#countedTo === 0 || before === after) return;
    if (before !== null && before.seq <= this.#countedTo) this.#add(before, -1);
    if (after !== null && after.seq <= this.#countedTo) this.#add(after, 1);
  }

  cleared(idsToo: boolean): void {
    this.#lanes.clear();
    this.#nextAt = ALL;
    this.#live = 0;
    this.#dead = 0;
    if (idsToo) {
      this.#remembered = 0;
      this.#countedTo = ALL;
    } else if (this.#countedTo !== ALL) {
      this.#remembered = 0;
      this.#countedTo = 0;
    }
  }

  #add({ lane, priority, state, visibleAt }: Place, n: number): void {
    if (state === DONE) {
      this.#remembered += n;
      return;
    }
    const counts = this.#lane(lane);
    if (state === DEAD) {
      counts.dead += n;
      this.#dead += n;
    } else {
      counts.live += n;
      this.#live += n;
      if (visibleAt !== null && visibleAt > this.#broughtTo) this.#delay(counts, priority, visibleAt, n);
    }
    if (counts.live === 0 && counts.dead === 0) this.#lanes.delete(lane);
  }

  #delay(counts: Lane, priority: number, visibleAt: number, n: number): void {
    counts.delayed += n;
    if (counts.delayed === 0) counts.nextAt.clear();
    else if (n > 0) {
      counts.nextAt.set(priority, Math.min(counts.nextAt.get(priority) ?? ALL, visibleAt));
      this.#nextAt = Math.min(this.#nextAt, visibleAt);
    }
  }

  #lane(name: string): Lane {
    let lane = this.#lanes.get(name);
    if (lane === undefined) {
      lane = { live: 0, delayed: 0, dead: 0, nextAt: new Map() };
      this.#lanes.set(name, lane);
    }
    return lane;
  }

  #countSlice(rows: number): void {
    const upTo = this.#tasks.seqAfter(this.#countedTo, rows);
    const to = upTo ?? Number.MAX_SAFE_INTEGER;
    for (const slice of this.#tasks.countBetween(this.#countedTo, to, this.#broughtTo)) this.#addSlice(slice);
    const gone = this.#goneOf(this.#countedTo, to);
    // What is gone of rows that hold several tasks was plain.
    if (gone > 0) this.#addSlice({ ...PLAIN, tasks: -gone });
    this.#countedTo = upTo === null ? ALL : upTo;
  }

  #addSlice({ lane, priority, state, tasks, delayed, nextAt }: CountedSlice): void {
    if (state === DONE) {
      this.#remembered += tasks;
      return;
    }
    const counts = this.#lane(lane);
    if (state === DEAD) {
      counts.dead += tasks;
      this.#dead += tasks;
      return;
    }
    counts.live += tasks;
    this.#live += tasks;
    if (nextAt !== null) this.#delay(counts, priority, nextAt, delayed);
    if (counts.live === 0 && counts.dead === 0) this.#lanes.delete(lane);
  }

  /** Those that have become visible are delayed no more. Each is read once, in the index. */
  #ripen(now: number): void {
    let nextOfAll = ALL;
    for (const [lane, counts] of this.#lanes) {
      for (const [priority, nextAt] of counts.nextAt) {
        if (nextAt > now) {
          nextOfAll = Math.min(nextOfAll, nextAt);
          continue;
        }
        this.#writeGone();
        counts.delayed -= this.#tasks.countVisible(lane, priority, this.#broughtTo, now);
        const next = this.#tasks.firstVisibleFrom(lane, priority, now + 1);
        if (next === null) counts.nextAt.delete(priority);
        else {
          counts.nextAt.set(priority, next);
          nextOfAll = Math.min(nextOfAll, next);
        }
      }
    }
    this.#nextAt = nextOfAll;
    this.#broughtTo = now;
  }
}

const PLAIN = { lane: DEFAULT_LANE, priority: 0, state: LIVE, delayed: 0, nextAt: null } as const;
