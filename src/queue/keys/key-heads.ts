// The next tasks of keys, read some at a time for many keys at once and kept, so that keys which take turns are not each looked
// up again at every turn. Where they stand in the index is read far ahead, their rows shortly before they are claimed: what keys
// offer in turn came together, and lies together. The store is the truth: what is written to a place that is kept here drops
// the page.

import { keyOf } from "../../core/sequence.ts";
import type { TaskStatements } from "../../store/task-statements.ts";
import type { Level } from "../ready/level.ts";
import { wholeTask, type WholeTask } from "../tasks/whole-task.ts";
import type { HeadPage } from "./head-page.ts";
import { readAhead, type Bookmark, type Place } from "./read-ahead.ts";

/** An entry whose row is to be read. */
interface Wanted {
  readonly entry: HeadPage["places"][number];
  readonly level: Level;
  readonly page: HeadPage;
}

/** Of a key that is first met, since many have one task only; and of one that goes on. */
const FIRST_PLACES = 2;
const NEXT_PLACES = 32;
/** Rows of one key that are read at once. */
const ROWS = 8;
/** What is kept of all keys, at most, about. */
const KEPT_BYTES = 8 * 1_048_576;
const PLACE_BYTES = 48;
/** A row without its payload and other texts. */
const ROW_BYTES = 400;

export class KeyHeads {
  readonly #tasks: TaskStatements;
  /** Levels with a page, those that were read first in front. */
  readonly #read = new Set<Level>();
  #bytes = 0;

  constructor(tasks: TaskStatements) {
    this.#tasks = tasks;
  }

  /** What comes next is not known. */
  isWanting(level: Level): boolean {
    const { page } = level;
    return page === null || (page.first >= page.places.length && !page.isWhole);
  }

  /** It is known that nothing more is visible. */
  isOut(level: Level, now: number): boolean {
    const { page } = level;
    const next = page?.places[page.first];
    return page !== null && (next === undefined ? page.isWhole : next.visibleAt > now);
  }

  /** What comes next is known, but for its row. */
  isUnread({ page }: Level): boolean {
    return page?.places[page.first]?.task === null;
  }

  /** What is known of a level; nothing is read. */
  of(level: Level): Readonly<HeadPage> {
    return level.page ?? NOTHING;
  }

  /** Reads where the next tasks of these levels stand, each after the last that is known. */
  read(levels: readonly Level[]): void {
    const fresh = levels.filter(({ page }) => page === null);
    const known = levels.filter(({ page }) => page !== null);
    this.#readSome(fresh, FIRST_PLACES);
    this.#readSome(known, NEXT_PLACES);
  }

  /** Reads the rows of the next tasks of these levels, `count` of each at most. */
  readRows(levels: readonly Level[], count: number): void {
    const wanted: Wanted[] = [];
    for (const level of levels) {
      const { page } = level;
      if (page !== null) this.#want(wanted, level, page, page.first, Math.min(count, ROWS));
    }
    this.#readWanted(wanted);
  }

  /** The task at a place that is known of a level; its row is read if it has not been, with those of some that follow. */
  taskAt(level: Level, index: number): WholeTask {
    const { page } = level;
    const entry = page?.places[index];
    if (page === null || entry === undefined) throw new Error(`nothing is known of ${level.lane} at ${index}`);
    if (entry.task === null) {
      const wanted: Wanted[] = [];
      this.#want(wanted, level, page, index, ROWS);
      this.#readWanted(wanted);
    }
    if (entry.task === null) throw new Error(`task ${entry.seq} is in the index and has no row`);
    return entry.task;
  }

  /** Reading has passed the first. */
  passed(level: Level, seq: number): void {
    const { page } = level;
    if (page === null) return;
    const entry = page.places[page.first];
    if (entry?.seq !== seq) return this.drop(level);
    page.first += 1;
    if (entry.task === null) return;
    this.#grow(page, -bytesOf(entry.task));
    entry.task = null;
  }

  /**
   * An entry has been written after the cursor.
   *
   * @returns whether it may come first
   */
  added(level: Level, visibleAt: number, seq: number): boolean {
    const { page } = level;
    if (page === null) return true;
    const next = page.places[page.first];
    const last = page.places.at(-1);
    if (next === undefined || last === undefined || isBefore(visibleAt, seq, last)) this.drop(level);
    else {
      page.isWhole = false;
      page.isBetween &&= visibleAt !== last.visibleAt;
    }
    return next === undefined || isBefore(visibleAt, seq, next);
  }

  /**
   * The row of a task of this level has changed, or is gone.
   *
   * @returns whether what comes next may be another task than before
   */
  changed(level: Level, visibleAt: number | null, seq: number): boolean {
    const { page } = level;
    const next = page?.places[page.first];
    const last = page?.places.at(-1);
    const isPassed =
      next === undefined
        ? last !== undefined && !isBefore(last.visibleAt, last.seq, { visibleAt: visibleAt ?? 0, seq })
        : isBefore(visibleAt ?? 0, seq, next);
    if (!isPassed) this.drop(level);
    return !isPassed;
  }

  /** After a claim: those go that were read first, if they are too many. Within one, what it has read stays. */
  trim(): void {
    for (const level of this.#read) {
      if (this.#bytes <= KEPT_BYTES) return;
      this.drop(level);
    }
  }

  drop(level: Level): void {
    if (level.page === null) return;
    this.#bytes -= level.page.bytes;
    level.page = null;
    this.#read.delete(level);
  }

  clear(): void {
    for (const level of this.#read) level.page = null;
    this.#read.clear();
    this.#bytes = 0;
  }

  #readSome(levels: readonly Level[], limit: number): void {
    if (levels.length === 0) return;
    const found = readAhead(
      this.#tasks,
      levels.map((level) => this.#mark(level)),
      limit,
    );
    for (const [index, { places: read, isWhole, isBetween }] of found.entries()) {
      const level = levels[index];
      if (level === undefined) continue;
      const known = level.page;
      const before = known === null ? [] : known.places.slice(known.first);
      const places = [...before, ...read];
      const rows = before.reduce((sum, { task }) => sum + (task === null ? 0 : bytesOf(task)), 0);
      this.drop(level);
      const page: HeadPage = { places, first: 0, isWhole, isBetween, bytes: 0 };
      level.page = page;
      this.#read.add(level);
      this.#grow(page, places.length * PLACE_BYTES + rows);
    }
  }

  #want(wanted: Wanted[], level: Level, page: HeadPage, from: number, count: number): void {
    for (const entry of page.places.slice(from, from + count)) {
      if (entry.task === null) wanted.push({ entry, level, page });
    }
  }

  #readWanted(wanted: readonly Wanted[]): void {
    if (wanted.length === 0) return;
    const seqs = wanted.map(({ entry }) => entry.seq);
    let at = 0;
    // In the order in which they were asked for.
    for (const [seq, version, attempts, visibleAt, bytes, payload, more] of this.#tasks.wholeAt(seqs)) {
      while (at < seqs.length && seqs[at] !== seq) at += 1;
      const found = wanted[at];
      if (found === undefined) return;
      const task = wholeTask({ seq, version, attempts, visibleAt, bytes, payload }, more, found.level);
      found.entry.task = task;
      this.#grow(found.page, bytesOf(task));
    }
  }

  #grow(page: HeadPage, bytes: number): void {
    page.bytes += bytes;
    this.#bytes += bytes;
  }

  /** Where what is known of a level ends. */
  #mark(level: Level): Bookmark {
    const { lane, priority, afterAt, afterKey, page } = level;
    const last = page?.places.at(-1);
    if (page === null || last === undefined) {
      return { lane, priority, afterAt, afterKey, isBetween: afterAt === 0 };
    }
    return { lane, priority, afterAt: last.visibleAt, afterKey: keyOf(last.seq), isBetween: page.isBetween };
  }
}

const NOTHING: Readonly<HeadPage> = { places: [], first: 0, isWhole: false, isBetween: false, bytes: 0 };

function bytesOf({ payload, bytes, otherBytes }: WholeTask): number {
  return ROW_BYTES + otherBytes + (payload === null ? 0 : bytes);
}

function isBefore(visibleAt: number, seq: number, other: Pick<Place, "visibleAt" | "seq">): boolean {
  return visibleAt === other.visibleAt ? keyOf(seq) < keyOf(other.seq) : visibleAt < other.visibleAt;
}
