// When callers that were refused may retry. If thousands were all sent "in a second", they would be back at once, and the refusals
// alone would be more than a server can give; so each is given a time of its own, as far off as there are others before it.

import { LIMITS } from "../core/limits.ts";

const APART_MS = 1_000 / LIMITS.returnsPerSecond;

/** Gives out times to return at, `LIMITS.returnsPerSecond` of them in a second and none later than `LIMITS.returnsWithinMs`. */
export class ReturnTimes {
  #latest = 0;

  /** @param now ms that only go on */
  isGivenOut(now: number): boolean {
    return this.#latest + APART_MS > now + LIMITS.returnsWithinMs;
  }

  /** @returns whole seconds from `now`, at least one: what `Retry-After` can say. The last time of all once the others are given out */
  next(now: number): number {
    this.#latest = Math.min(Math.max(now, this.#latest + APART_MS), now + LIMITS.returnsWithinMs);
    return Math.max(1, Math.ceil((this.#latest - now) / 1_000));
  }
}
