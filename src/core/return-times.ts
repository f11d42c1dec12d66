// When callers that were refused may retry. If thousands were all sent "in a second", they would be back at once, and the refusals
// alone would be more than a server can give; so each is given a time of its own, as far off as there are others before it.

import { LIMITS } from "./limits.ts";

/** The pace is that of one second, until the next has passed. */
const LOOK_MS = 1_000;
/** What was seen that long ago says nothing any more. */
const OLD_MS = 2_000;

/**
 * Gives out times to return at: half as many in a second as requests are taken on in one, since others come beside those who return,
 * and none later than `LIMITS.returnsWithinMs`.
 */
export class ReturnTimes {
  #latest = 0;
  /** Times given out for one second. */
  #perSecond: number = LIMITS.returnsPerSecond;
  /** How many were taken on since then, while others were refused. */
  #lookedAt = Number.NEGATIVE_INFINITY;
  #takenOn = 0;

  takesOn(): void {
    this.#takenOn += 1;
  }

  /** Whether as many callers wait for their times as may be refused before the server is full. */
  isFar(now: number): boolean {
    return this.#latest > now + LIMITS.earlyReturnsMs;
  }

  /**
   * @param now ms that only go on
   * @returns whole seconds from `now`, at least one: what `Retry-After` can say
   */
  next(now: number): number {
    this.#look(now);
    const inTurn = Math.max(now, this.#latest + 1_000 / this.#perSecond);
    // Also when nobody waits for as long as `Retry-After` says.
    this.#latest = Math.min(inTurn, now + LIMITS.returnsWithinMs);
    return Math.max(1, Math.ceil((this.#latest - now) / 1_000));
  }

  #look(now: number): void {
    const passedMs = now - this.#lookedAt;
    if (passedMs < LOOK_MS) return;
    const half = (this.#takenOn * 500) / passedMs;
    this.#perSecond = passedMs > OLD_MS ? LIMITS.returnsPerSecond : Math.max(half, LIMITS.fewestReturnsPerSecond);
    this.#lookedAt = now;
    this.#takenOn = 0;
  }
}
