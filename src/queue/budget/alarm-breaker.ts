// Slows an alarm that rings again and again without progress. Each ring is a request, and each setting a row: a chore that says it
// is due and does nothing would cost its owner money day and night. Pure, but for the numbers that it keeps.

/** Rings in a row that may find nothing to do: what became due was done by others, or waits for something else. */
const FREE_RINGS = 16;
/** ms */
const LONGEST_REST_MS = 60_000;
/** What is next due later than this is no loop, whatever the ring did. ms */
const SOON_MS = 1_000;

export class AlarmBreaker {
  #fruitless = 0;

  /** The next ring comes no sooner than this after the last: 0, then 1 ms, doubled with each further ring, at most a minute. */
  get restMs(): number {
    const over = this.#fruitless - FREE_RINGS;
    return over <= 0 ? 0 : Math.min(LONGEST_REST_MS, 2 ** (over - 1));
  }

  /**
   * The alarm has rung.
   *
   * @param hasProgress something was written, or somebody asked the queue for something since it last rang
   * @param nextInMs when something is next due; null: nothing is
   * @returns whether it is slowed from now on, and was not before
   */
  rang(hasProgress: boolean, nextInMs: number | null): boolean {
    const isFruitless = !hasProgress && nextInMs !== null && nextInMs < SOON_MS;
    this.#fruitless = isFruitless ? this.#fruitless + 1 : 0;
    return this.#fruitless === FREE_RINGS + 1;
  }
}
