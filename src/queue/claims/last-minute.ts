// How often something happened in the last minute, to ten seconds: counted where it happens, at the cost of an addition.

const STEP_MS = 10_000;
const STEPS = 6;

export class LastMinute {
  readonly #counts = [0, 0, 0, 0, 0, 0];
  #step = 0;

  add(now: number): void {
    this.#goTo(now);
    const at = this.#step % STEPS;
    this.#counts[at] = (this.#counts[at] ?? 0) + 1;
  }

  /** Of the ten seconds under way and the fifty before them. */
  total(now: number): number {
    this.#goTo(now);
    return this.#counts.reduce((sum, count) => sum + count, 0);
  }

  /** Forgets the steps that are over, or all of them if the clock was set back. */
  #goTo(now: number): void {
    const step = Math.floor(now / STEP_MS);
    if (step === this.#step) return;
    if (step < this.#step || step - this.#step >= STEPS) this.#counts.fill(0);
    else for (let over = this.#step + 1; over <= step; over += 1) this.#counts[over % STEPS] = 0;
    this.#step = step;
  }
}
