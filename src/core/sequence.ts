// The key of a task: its time of arrival and a counter in one integer, never used twice. Two ranges of it keep the tasks
// that are in no index apart from those that are, so that reading the one never walks over the other.

/** 2025-01-01T00:00:00Z: a later epoch leaves the years to come more bits. */
const EPOCH_AT = 1_735_689_600_000;
/** Keys a millisecond holds before it borrows from the next. */
const PER_MS = 4_096;
/** Half of the integers that JavaScript holds exactly. Plain keys last until 2059. */
export const INDEXED_FROM = 2 ** 52;
/** The last instant at which keys are given out, in November 2059: a day is left for those that are borrowed. */
export const LAST_AT = EPOCH_AT + INDEXED_FROM / PER_MS - 86_400_000;

/** The key of a row, whichever range it is stored in. A task keeps its key for life, though its row may move. */
export function keyOf(seq: number): number {
  return seq >= INDEXED_FROM ? seq - INDEXED_FROM : seq;
}

/** The instant a key was given out, to the millisecond. */
export function instantOf(seq: number): number {
  return Math.floor(keyOf(seq) / PER_MS) + EPOCH_AT;
}

/** The lowest plain key that can have been given out at `at`. */
export function firstKeyAt(at: number): number {
  return Math.max(0, at - EPOCH_AT) * PER_MS;
}

/** Gives out keys: above all before, also when the clock steps back or an instance restarts. */
export class Sequence {
  #last = 0;

  /** The last key given out or passed, as a plain key. */
  get last(): number {
    return this.#last;
  }

  /** No key at or below `seq` is given out from now on. */
  passed(seq: number): void {
    this.#last = Math.max(this.#last, keyOf(seq));
  }

  /** A plain key, or the first of so many that follow one another. Add INDEXED_FROM for the indexed range. */
  take(now: number, keys = 1): number {
    const first = Math.max(firstKeyAt(now), this.#last + 1);
    this.#last = first + keys - 1;
    return first;
  }
}
