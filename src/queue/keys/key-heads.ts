// The next tasks of keys, read some at a time for many keys at once and kept, so that keys which take turns are not each looked
// up again at every turn. The store is the truth: what is written to a place that is kept here drops the page.

import { keyOf } from "../../core/sequence.ts";
import type { TaskStatements } from "../../store/task-statements.ts";
import type { Level } from "../ready/level.ts";
import type { WholeTask } from "../tasks/whole-task.ts";
import { readAhead, type Bookmark } from "./read-ahead.ts";

/** Tasks after a level's cursor in the order of offer, delayed ones among them, without a gap. */
export interface HeadPage {
  readonly rows: readonly WholeTask[];
  /** The place in `rows` of the first after the cursor. */
  readonly first: number;
  /** There are no more after these. */
  readonly isWhole: boolean;
}

interface Page extends HeadPage {
  rows: WholeTask[];
  /** No task of the last one's instant comes after it. */
  isBetween: boolean;
  first: number;
  isWhole: boolean;
  bytes: number;
}

/** Of a key that is first met, since many have one task only; and of one that goes on. */
const FIRST_ROWS = 2;
const NEXT_ROWS = 8;
/** What is kept of all keys, at most, about. */
const KEPT_BYTES = 8 * 1_048_576;
/** A row without its payload and other texts. */
const ROW_BYTES = 400;

export class KeyHeads {
  readonly #tasks: TaskStatements;
  /** Those that were read first in front. */
  readonly #pages = new Map<Level, Page>();
  #bytes = 0;

  constructor(tasks: TaskStatements) {
    this.#tasks = tasks;
  }

  /** What comes next is not known. */
  isWanting(level: Level): boolean {
    const page = this.#pages.get(level);
    return page === undefined || (page.first >= page.rows.length && !page.isWhole);
  }

  /** What is known of a level; nothing is read. */
  of(level: Level): HeadPage {
    return this.#pages.get(level) ?? NOTHING;
  }

  /** Reads the next tasks of these levels, each after the last that is known. */
  read(levels: readonly Level[]): void {
    const fresh = levels.filter((level) => !this.#pages.has(level));
    this.#readSome(fresh, FIRST_ROWS);
    if (fresh.length === levels.length) return;
    const known = new Set(fresh);
    this.#readSome(
      levels.filter((level) => !known.has(level)),
      NEXT_ROWS,
    );
  }

  /** Reading has passed the first. */
  passed(level: Level, seq: number): void {
    const page = this.#pages.get(level);
    if (page === undefined) return;
    if (page.rows[page.first]?.seq === seq) page.first += 1;
    else this.drop(level);
  }

  /**
   * An entry has been written after the cursor.
   *
   * @returns whether it may come first
   */
  added(level: Level, visibleAt: number, seq: number): boolean {
    const page = this.#pages.get(level);
    if (page === undefined) return true;
    const next = page.rows[page.first];
    const last = page.rows.at(-1);
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
    const page = this.#pages.get(level);
    const next = page?.rows[page.first];
    const last = page?.rows.at(-1);
    const isPassed =
      next === undefined
        ? last !== undefined && !isBefore(last.visibleAt ?? 0, last.seq, { visibleAt, seq })
        : isBefore(visibleAt ?? 0, seq, next);
    if (!isPassed) this.drop(level);
    return !isPassed;
  }

  /** After a claim: those go that were read first, if they are too many. Within one, what it has read stays. */
  trim(): void {
    for (const level of this.#pages.keys()) {
      if (this.#bytes <= KEPT_BYTES) return;
      this.drop(level);
    }
  }

  drop(level: Level): void {
    this.#bytes -= this.#pages.get(level)?.bytes ?? 0;
    this.#pages.delete(level);
  }

  clear(): void {
    this.#pages.clear();
    this.#bytes = 0;
  }

  #readSome(levels: readonly Level[], limit: number): void {
    if (levels.length === 0) return;
    const found = readAhead(
      this.#tasks,
      levels.map((level) => this.#mark(level)),
      limit,
    );
    for (const [index, { rows: read, isWhole, isBetween }] of found.entries()) {
      const level = levels[index];
      if (level === undefined) continue;
      const before = this.#pages.get(level);
      const rows = before === undefined ? read : [...before.rows.slice(before.first), ...read];
      const bytes = rows.reduce((sum, task) => sum + bytesOf(task), 0);
      this.drop(level);
      this.#pages.set(level, { rows, first: 0, isWhole, isBetween, bytes });
      this.#bytes += bytes;
    }
  }

  /** Where what is known of a level ends. */
  #mark(level: Level): Bookmark {
    const { lane, priority, afterAt, afterKey } = level;
    const page = this.#pages.get(level);
    const last = page?.rows.at(-1);
    if (page === undefined || last === undefined) {
      return { lane, priority, afterAt, afterKey, isBetween: afterAt === 0 };
    }
    return { lane, priority, afterAt: last.visibleAt ?? 0, afterKey: keyOf(last.seq), isBetween: page.isBetween };
  }
}

const NOTHING: HeadPage = { rows: [], first: 0, isWhole: false };

function bytesOf({ payload, bytes, otherBytes }: WholeTask): number {
  return ROW_BYTES + otherBytes + (payload === null ? 0 : bytes);
}

function isBefore(visibleAt: number, seq: number, other: Pick<WholeTask, "visibleAt" | "seq">): boolean {
  const at = other.visibleAt ?? 0;
  return visibleAt === at ? keyOf(seq) < keyOf(other.seq) : visibleAt < at;
}
