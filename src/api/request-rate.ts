// Requests, or tasks, per second of one token: a bucket that fills steadily and holds what may come at once.

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
    const elapsedMs = Math.max(0, now - this.#at);
    this.#at = now;
    this.#left = Math.min(this.#burst, this.#left + (elapsedMs / 1_000) * this.#perSecond);
    const needed = Math.min(count, this.#burst);
    // Less what a sum of fractions is off by.
    if (this.#left < needed) return Math.ceil(((needed - this.#left) / this.#perSecond) * 1_000 - 1e-6);
    this.#left -= count;
    return 0;
  }
}
