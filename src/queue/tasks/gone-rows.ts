// The rows of tasks that have ended and are written together. Acks that follow one another share a statement, whose call takes
// several times as long as deleting a row. Where a claim's row of their turn can say that tasks of keys were acked, their rows
// stay for some turns: each is in a page of the ready index of its own, which is read and written once for many of a key.

import { chunksOf } from "../../core/chunks.ts";
import { LIMITS } from "../../core/limits.ts";
import { KEY_MARK } from "../../core/stored-lane.ts";
import type { AckedRow } from "../../store/claim-statements.ts";
import type { TaskHead } from "../../store/task-row.ts";
import type { TaskRows } from "../arrivals/task-rows.ts";

type GoneRow = Pick<TaskHead, "seq" | "lane" | "priority" | "visibleAt">;

interface Removed extends GoneRow {
  /** Of its payload. */
  readonly bytes: number;
}

/** Rows that are gone now, or are only there for an id; and the last key among all. */
type Written = (rows: readonly GoneRow[], lastKey: number) => void;

/** Rows that one statement deletes, where they are many: those of few keys, so that it stays within few pages. */
const ROWS_AT_ONCE = 256;

export class GoneRows {
  readonly #tasks: TaskRows;
  readonly #written: Written;
  readonly #removed = new Map<number, Removed>();
  readonly #remembered = new Map<number, GoneRow>();
  /** A claim's row says that they were acked. */
  readonly #noted = new Map<number, GoneRow>();
  /** How many rows of claims say so. */
  #notes = 0;
  /** Some were noted by an earlier life of the object. */
  #isFound = false;
  /** Until when the ids of those remembered are kept: the same for all of a turn. */
  #forgetAt = 0;
  #lastKey = 0;

  constructor(tasks: TaskRows, written: Written) {
    this.#tasks = tasks;
    this.#written = written;
  }

  /** On wake. */
  load(noted: readonly AckedRow[]): void {
    for (const row of noted) this.#noted.set(row.seq, row);
    this.#isFound = noted.length > 0;
  }

  get isEmpty(): boolean {
    return this.#lastKey === 0 && this.#noted.size === 0;
  }

  /** The task of a row that may still be there has ended. */
  has(seq: number): boolean {
    if (this.#noted.has(seq)) return true;
    return this.#removed.size + this.#remembered.size > 0 && (this.#removed.has(seq) || this.#remembered.has(seq));
  }

  /** The row is gone. */
  remove(row: Removed): void {
    this.#removed.set(row.seq, row);
  }

  /** The row stays for the task's id alone, until an instant. */
  remember(row: GoneRow, forgetAt: number): void {
    this.#forgetAt = forgetAt;
    this.#remembered.set(row.seq, row);
  }

  /** No key after this one has gone with the tasks of an operation. A turn's budget of rows sees what that has written. */
  upTo(lastKey: number): void {
    this.#lastKey = Math.max(this.#lastKey, lastKey);
    if (this.#removed.size + this.#remembered.size >= LIMITS.batchTasks) this.write();
  }

  /**
   * The tasks of keys that have ended in this turn: a claim's row that is written now says so (P5). Large payloads go at once: to
   * free many of them takes long, and next to that a page of the index is nothing.
   */
  tell(): number[] {
    const seqs: number[] = [];
    for (const { seq, lane, priority, visibleAt, bytes } of this.#removed.values()) {
      if (!lane.includes(KEY_MARK) || bytes > LIMITS.aheadBytes) continue;
      seqs.push(seq);
      this.#noted.set(seq, { seq, lane, priority, visibleAt });
    }
    for (const seq of seqs) this.#removed.delete(seq);
    if (seqs.length > 0) this.#notes += 1;
    return seqs;
  }

  /** At the end of a turn: rows that are noted wait for more, unless there is something to be written anyway. */
  endTurn(): void {
    const isMuch = this.#noted.size >= LIMITS.ackedRows || this.#notes >= LIMITS.ackedClaims;
    if (isMuch || this.#isFound || this.#removed.size > 0 || this.#remembered.size > 0) this.write();
  }

  write(): void {
    if (this.isEmpty) return;
    const noted = [...this.#noted.values()];
    const removed = [...this.#removed.values()];
    const remembered = [...this.#remembered.values()];
    const lastKey = this.#lastKey;
    this.#noted.clear();
    this.#removed.clear();
    this.#remembered.clear();
    this.#notes = 0;
    this.#isFound = false;
    this.#lastKey = 0;
    this.#tasks.delete(removed.map(seqOf));
    this.#tasks.markDone(remembered.map(seqOf), this.#forgetAt);
    this.#deleteByKey(noted);
    this.#written([...removed, ...remembered, ...noted], lastKey);
  }

  #deleteByKey(rows: readonly GoneRow[]): void {
    const byLane = Map.groupBy(rows, ({ lane }) => lane);
    const seqs = [...byLane.keys()].sort().flatMap((lane) => byLane.get(lane)?.map(seqOf) ?? []);
    for (const some of chunksOf(seqs, ROWS_AT_ONCE)) this.#tasks.delete(some);
  }
}

function seqOf({ seq }: GoneRow): number {
  return seq;
}
