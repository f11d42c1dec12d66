// The time of a queue: the wall clock's, but never backwards. When the wall clock is set back the queue's time goes on from where
// it was, a little slower, until the wall clock has caught up: no deadline stands still, no wait becomes endless, and what is due
// in a second is due in little more than that.

import { LAST_AT } from "./sequence.ts";

/** While the queue's time is ahead of the wall clock's, this share of what passes is taken from the lead. */
const SLOWER = 0.1;

export class SteadyClock {
  readonly #wall: () => number;
  #lastWall: number;
  #now: number;

  /** @param wall ms since the Unix epoch, by a clock that may be set */
  constructor(wall: () => number) {
    this.#wall = wall;
    this.#lastWall = wall();
    this.#now = this.isBeyond ? 0 : this.#lastWall;
  }

  /** The wall clock reads later than keys can count. It is not believed: time stands still until it has been set. */
  get isBeyond(): boolean {
    return this.#wall() > LAST_AT;
  }

  /** ms since the Unix epoch, an integer; never less than before. */
  now(): number {
    const wall = this.#wall();
    if (wall > LAST_AT) return Math.floor(this.#now);
    // What passes while the clock is set back is not known; it passes for nothing.
    const passed = Math.max(0, wall - this.#lastWall);
    this.#lastWall = wall;
    this.#now = Math.max(wall, this.#now + passed * (1 - SLOWER));
    return Math.floor(this.#now);
  }

  /** What the wall clock showed when this one was last read. */
  get wall(): number {
    return this.#lastWall;
  }

  /** What the wall clock shows, if nobody sets it, when this one reads `at`: an alarm is set by the wall clock. */
  wallAt(at: number): number {
    return Math.min(at, this.#lastWall + Math.ceil((at - this.#now) / (1 - SLOWER)));
  }

  /** Goes on from `at` if that is later: what was stored then has been stored before. */
  passed(at: number): void {
    this.#now = Math.max(this.#now, at);
  }
}
