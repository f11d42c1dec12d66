// How many tasks are in which state, by lane. After a wake the rows are counted once, in slices, while the queue goes on: as fast as it
// can when somebody asks, some for each report otherwise. Facts keep the counts from then on. So an answer never costs more the larger
// the backlog is.

import { DEFAULT_LANE } from "../core/limits.ts";
import { isStoredIn, laneOf } from "../core/stored-lane.ts";
import { DEAD, DONE, LIVE, type CountedSlice } from "../store/task-row.ts";
import type { TaskStatements } from "../store/task-statements.ts";
import { DelayedCounts } from "./delayed-counts.ts";
import type { FactKind, FactReader, Place } from "./facts.ts";
import { WaitingCounts } from "./waiting-counts.ts";

export interface LaneCount {
  /** Ready, delayed and claimed. */
  live: number;
  /** Of the live, those that were to become visible when the counts were last brought up to date. */
  delayed: number;
  dead: number;
}

/** Rows counted in one turn: a few milliseconds. */
const SLICE_ROWS = 10_000;
/** To ask the index how many tasks have become visible takes as long as to count so many rows. */
const ROWS_A_PROBE = 10;
/** Where more delayed tasks are than are counted apart, all are counted anew, no more often than this. ms. */
const RECOUNT_MS = 60_000;
/** Sorts after every row. */
const ALL = Number.POSITIVE_INFINITY;

export class Counts implements FactReader {
  readonly #tasks: TaskStatements;
  /** Of the tasks of a row that holds several, how many are gone. */
  readonly #goneOf: (fromSeq: number, toSeq: number) => number;
  readonly #writeGone: () => void;
  /** As people know them: a lane has one count, however many keys. */
  readonly #lanes = new Map<string, LaneCount>();
  readonly #delayed: DelayedCounts;
  readonly #waiting = new WaitingCounts();
  /** The lane that was asked for last. */
  #last: { readonly name: string; readonly count: LaneCount } | null = null;
  #live = 0;
  #dead = 0;
  #remembered = 0;
  /** Rows up to here are counted. 0: none. */
  #countedTo = 0;
  /** When the rows began to be counted. */
  #countedAt = 0;
  /** When the turn under way began. */
  #turnAt = 0;

  /** @param writeGone deletes the rows of tasks that have ended: the index then holds what the facts have counted */
  constructor(tasks: TaskStatements, goneOf: (fromSeq: number, toSeq: number) => number, writeGone: () => void) {
    this.#tasks = tasks;
    this.#goneOf = goneOf;
    this.#writeGone = writeGone;
    this.#delayed = new DelayedCounts(tasks);
  }

  /** Nothing is stored: everything is counted. */
  startEmpty(): void {
    this.#countedTo = ALL;
  }

  /**
   * Counts some more rows, if not all are counted. What is gathered must have been written.
   *
   * @param rows how many, at most
   * @returns whether all are, but for which of the live are delayed; if not, ask again in the next turn
   */
  count(now: number, rows = SLICE_ROWS): boolean {
    if (this.#countedTo === 0) {
      this.#countedAt = now;
      this.#delayed.clear(now);
    }
    if (this.#countedTo !== ALL) this.#countSlice(rows);
    return this.#countedTo === ALL;
  }

  /** The same, and brings what is delayed to `now`. */
  bringTo(now: number, rows = SLICE_ROWS): boolean {
    if (!this.count(now, rows)) return false;
    if (this.#waiting.ripen(now, rows, (lane) => (this.#lane(lane).delayed -= 1))) return false;
    if (this.#delayed.isOver) {
      if (now - this.#countedAt < RECOUNT_MS || rows < SLICE_ROWS) return true;
      this.#countAnew();
      return false;
    }
    if (!this.#delayed.isDue(now)) return true;
    this.#writeGone();
    const hasMore = this.#delayed.ripen(now, rows / ROWS_A_PROBE, (lane, tasks) => (this.#lane(lane).delayed -= tasks));
    return !hasMore;
  }

  turn(now: number): void {
    this.#turnAt = now;
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

  hear(_kind: FactKind, before: Place | null, after: Place | null, _tookMs: number | null, tasks: number): void {
    if (before === after) return;
    if (before !== null && before.seq <= this.#countedTo) this.#add(before, -1);
    // Of new tasks all are counted or none: what has been counted ends before them, or among rows of the other range.
    if (after !== null && after.seq <= this.#countedTo) this.#add(after, tasks);
  }

  cleared(idsToo: boolean): void {
    const remembered = this.#remembered;
    const wasComplete = this.isComplete;
    this.#countAnew();
    if (idsToo) this.#countedTo = ALL;
    else if (wasComplete) {
      this.#countedTo = ALL;
      this.#remembered = remembered;
    }
  }

  #countAnew(): void {
    this.#lanes.clear();
    this.#last = null;
    this.#delayed.clear(this.#turnAt);
    this.#waiting.clear();
    this.#live = 0;
    this.#dead = 0;
    this.#remembered = 0;
    this.#countedTo = 0;
  }

  #add({ seq, lane, priority, state, visibleAt, retryAt = null }: Place, n: number): void {
    if (this.#countedTo === 0) return;
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
      if (visibleAt !== null && this.#delayed.add(lane, priority, visibleAt, n, this.#from)) counts.delayed += n;
      if (n < 0 && this.#waiting.remove(seq)) counts.delayed -= 1;
      if (n > 0 && retryAt !== null && retryAt > this.#from) this.#waits(seq, lane, retryAt);
    }
    this.#look(lane, counts);
  }

  #waits(seq: number, lane: string, retryAt: number): void {
    if (this.#waiting.add(seq, lane, retryAt)) this.#lane(lane).delayed += 1;
  }

  /** What is visible by then is not delayed, where nothing is counted as delayed yet. */
  get #from(): number {
    return this.isComplete ? this.#turnAt : this.#countedAt;
  }

  /** Whether it still holds something, and whether its delayed tasks can still be told apart. */
  #look(stored: string, counts: LaneCount): void {
    if (counts.live === 0 && counts.dead === 0) {
      this.#lanes.delete(laneOf(stored));
      this.#last = null;
    }
    // Those that were counted before were counted at different instants.
    if (this.#delayed.isFull && this.isComplete) this.#countAnew();
    else if (this.#delayed.isFull) this.#delayed.giveUp();
  }

  #lane(stored: string): LaneCount {
    if (this.#last !== null && isStoredIn(this.#last.name, stored)) return this.#last.count;
    const name = laneOf(stored);
    let count = this.#lanes.get(name);
    if (count === undefined) this.#lanes.set(name, (count = { live: 0, delayed: 0, dead: 0 }));
    this.#last = { name, count };
    return count;
  }

  #countSlice(rows: number): void {
    const upTo = this.#tasks.seqAfter(this.#countedTo, rows);
    const to = upTo ?? Number.MAX_SAFE_INTEGER;
    const slices = this.#tasks.countBetween(this.#countedTo, to, this.#countedAt);
    for (const slice of slices) this.#addSlice(slice);
    if (slices.some(({ waiting }) => waiting > 0)) {
      const waiting = this.#tasks.waitingBetween(this.#countedTo, to, this.#countedAt, this.#waiting.room);
      for (const { seq, lane, retryAt } of waiting) this.#waits(seq, lane, retryAt);
    }
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
    counts.delayed += delayed;
    if (nextAt !== null) this.#delayed.add(lane, priority, nextAt, delayed, this.#countedAt);
    this.#look(lane, counts);
  }
}

const PLAIN = { lane: DEFAULT_LANE, priority: 0, state: LIVE, delayed: 0, nextAt: null, waiting: 0 } as const;
