// How much of a turn goes to those that look through stored tasks. However many of them wait, each turn does a few, and there
// is room in it for everybody else.

import { LIMITS } from "../core/limits.ts";

export class ScanShare {
  #rows = 0;

  /** A turn begins. */
  begin(): void {
    this.#rows = 0;
  }

  /** Whether another may look in this turn; if not, in the next. Whoever begins may look at LIMITS.pageScan rows. */
  get isUsedUp(): boolean {
    return this.#rows >= LIMITS.turnScans;
  }

  looked(rows: number): void {
    this.#rows += rows;
  }

  /** Payloads read or moved: a kilobyte takes about as long as a row. */
  moved(bytes: number): void {
    this.#rows += Math.ceil(bytes / 1_024);
  }
}
