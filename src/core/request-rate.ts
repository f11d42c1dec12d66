// Requests, tasks or rows per second, of one token or one queue: a bucket that fills steadily and holds what may come at once.

/** What a purge of a million rows, say, costs the work that follows it at most. */
const OWED_SECONDS = 10;

export class RequestRate {
  readonly #perSecond: number;
  /** What may come at once: a second's worth, and at least one. */
  readonly #burst: number;
  #left: number;
  #at: number;

  /** @param now ms */
  constructor(perSecond: number, now: number) {
    this.#perSecond = perSecond;
    this.#burst = Math.max(1, perSecond);
    this.#left = this.#burst;
    this.#at = now;
  }

  get perSecond(): number {
    return this.#perSecond;
  }

  /**
   * Takes one, or as many as come together: more than may come at once wait for a full bucket, and leave it owing the rest.
   *
   * @returns 0, or the ms after which there will be room. A clock that steps back fills nothing
   */
  take(now: number, count = 1): number {
    const waitMs = this.wait(now, count);
    if (waitMs === 0) this.#left -= count;
    return waitMs;
  }

  /** What `take` would return, and nothing is taken. */
  wait(now: number, count: number): number {
    const elapsedMs = Math.max(0, now - this.#at);
    this.#at = now;
    this.#left = Math.min(this.#burst, this.#left + (elapsedMs / 1_000) * this.#perSecond);
    const needed = Math.min(count, this.#burst);
    // Less what a sum of fractions is off by.
    return this.#left < needed ? Math.ceil(((needed - this.#left) / this.#perSecond) * 1_000 - 1e-6) : 0;
  }

  /** Counts what has happened, whether there was room or not. No more than some seconds' worth is owed: work must go on. */
  owe(now: number, count: number): void {
    this.wait(now, count);
    this.#left = Math.max(this.#left - count, -OWED_SECONDS * this.#burst);
  }
}
