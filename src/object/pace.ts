// At most once in a time, for those who watch: what comes sooner is seen when the time has passed, so that they see how it ended. A timer
// is set for that only; nothing keeps an object awake in which nothing happens.

export class Pace {
  readonly #everyMs: number;
  readonly #later: (ms: number, run: () => void) => void;
  readonly #again: () => void;
  #lastAt = Number.NEGATIVE_INFINITY;
  #isTimed = false;

  /**
   * @param later runs something after a number of ms
   * @param again called once the time has passed, if it was asked for sooner
   */
  constructor(everyMs: number, later: (ms: number, run: () => void) => void, again: () => void) {
    this.#everyMs = everyMs;
    this.#later = later;
    this.#again = again;
  }

  /** Whether the time has passed since it was last done. If not, `again` follows when it has. */
  isDue(now: number): boolean {
    // The clock may have been set back.
    const sinceMs = Math.abs(now - this.#lastAt);
    if (sinceMs >= this.#everyMs) return true;
    if (!this.#isTimed) {
      this.#isTimed = true;
      this.#later(this.#everyMs - sinceMs, () => {
        this.#isTimed = false;
        this.#again();
      });
    }
    return false;
  }

  done(now: number): void {
    this.#lastAt = now;
  }
}
