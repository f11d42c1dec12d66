// When callers that were refused may retry. If thousands were all sent "in a second", they would be back at once, and the refusals
// alone would be more than a server can give; so each is given a time of its own, as far off as there are others before it.

import { LIMITS } from "../core/limits.ts";

/** Gives out times to return at, at most `LIMITS.returnsPerSecond` of them in a second and none later than `LIMITS.returnsWithinMs`. */
export class ReturnTimes {
  #latest = 0;

  /**
   * @param now ms
   * @param overloadMs how long what has come waits already: the longer, the fewer are to come in a second
   * @returns whole seconds from `now`, at least one: what `Retry-After` can say
   */
  next(now: number, overloadMs: number): number {
    const apartMs = (1_000 / LIMITS.returnsPerSecond) * (1 + overloadMs / LIMITS.returnsHalvedAtMs);
    const inTurn = Math.max(now, this.#latest + apartMs);
    // Also when the clock was set back, or when nobody waits as long as asked to.
    this.#latest = Math.min(inTurn, now + LIMITS.returnsWithinMs);
    return Math.max(1, Math.ceil((this.#latest - now) / 1_000));
  }
}
