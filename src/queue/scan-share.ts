// How much of a turn goes to those that look through stored tasks, or walk over what is in memory, and to rows that are written anew,
// or go, with all of their payloads. However many wait for that, each turn does a few, and there is room in it for everybody else.

import { LIMITS } from "../core/limits.ts";

/** A table, with its indexes, is made in the time in which one walks over so many claims: about 2 ms. */
const ENTRIES_A_TABLE = 20_000;

export class ScanShare {
  #rows = 0;
  #rewrittenBytes = 0;
  #walked = 0;
  #ended = 0;

  /** A turn begins. */
  begin(): void {
    this.#ended = 0;
    this.#rows = 0;
    this.#rewrittenBytes = 0;
    this.#walked = 0;
  }

  /** A row with so large a payload was written anew. */
  rewrote(bytes: number): void {
    this.#rewrittenBytes += bytes;
  }

  /** Rows with so large payloads are gone, or have lost them. They count less than those that are written. */
  freed(bytes: number): void {
    this.#rewrittenBytes += bytes / (LIMITS.turnFreedBytes / LIMITS.turnRewrittenBytes);
  }

  get rewrittenBytes(): number {
    return this.#rewrittenBytes;
  }

  /** Whether rows of this turn have been written, or freed, as much as a turn may. */
  get isRewritten(): boolean {
    return this.#rewrittenBytes >= LIMITS.turnRewrittenBytes;
  }

  /** Whether another may look in this turn; if not, in the next. Whoever begins may look at LIMITS.pageScan rows. */
  get isUsedUp(): boolean {
    return this.#rows >= LIMITS.turnScans;
  }

  /** So many claims, lanes or the like were walked over in memory. */
  walked(entries: number): void {
    this.#walked += entries;
  }

  /** So many tables were made or renamed: SQLite reads the whole schema again for each. */
  remade(tables: number): void {
    this.walked(ENTRIES_A_TABLE * tables);
  }

  /** Whether as many were walked over as a turn may. */
  get isWalked(): boolean {
    return this.#walked >= LIMITS.turnWalked;
  }

  /** A claim had run out, and has been ended. */
  ended(): void {
    this.#ended += 1;
  }

  /** How many more of those that have run out claims end in this turn, however many claims there are. */
  get expiriesLeft(): number {
    return Math.max(0, LIMITS.sweepBatch - this.#ended);
  }

  looked(rows: number): void {
    this.#rows += rows;
  }

  /** Payloads read or moved: a kilobyte takes about as long as a row. */
  moved(bytes: number): void {
    this.#rows += Math.ceil(bytes / 1_024);
  }
}
