// The circuit breaker: after repeated failures nothing more is taken for a while, then a single probe decides. Pure, but for
// the numbers it keeps.

export interface BreakerPolicy {
  /** Failures in a row that open the circuit. */
  readonly failures: number;
  /** First pause; each probe that fails doubles it. ms. */
  readonly pauseMs: number;
  readonly maxPauseMs: number;
}

export type BreakerState = "closed" | "open" | "half-open";

export class Breaker {
  readonly #policy: BreakerPolicy | null;
  #state: BreakerState = "closed";
  #failures = 0;
  #opened = 0;
  #probeAt = 0;
  #pauseMs = 0;

  /** @param policy null: the circuit never opens */
  constructor(policy: BreakerPolicy | null) {
    this.#policy = policy;
  }

  get state(): BreakerState {
    return this.#state;
  }

  /** How long the present pause is; 0 while closed. ms */
  get pauseMs(): number {
    return this.#pauseMs;
  }

  /** When an open circuit lets a probe through. */
  get probeAt(): number {
    return this.#probeAt;
  }

  /** Units of work that may be taken on, given how many run: all, none, or the one probe. */
  allows(capacity: number, running: number, now: number): number {
    if (this.#state === "open" && now >= this.#probeAt) this.#state = "half-open";
    switch (this.#state) {
      case "closed":
        return capacity;
      case "open":
        return 0;
      case "half-open":
        return running === 0 ? Math.min(1, capacity) : 0;
      default:
        return this.#state satisfies never;
    }
  }

  succeeded(): void {
    // What was begun before the circuit opened says nothing about now.
    if (this.#state === "open") return;
    this.#state = "closed";
    this.#failures = 0;
    this.#opened = 0;
    this.#pauseMs = 0;
  }

  /** @param random a number in [0, 1): up to a fifth of the pause is taken off, so that consumers do not probe together */
  failed(now: number, random: number): void {
    if (this.#policy === null || this.#state === "open") return;
    this.#failures += 1;
    if (this.#state === "closed" && this.#failures < this.#policy.failures) return;
    const full = Math.min(this.#policy.maxPauseMs, this.#policy.pauseMs * 2 ** Math.min(this.#opened, 30));
    this.#opened += 1;
    this.#pauseMs = Math.round(full * (1 - random / 5));
    this.#probeAt = now + this.#pauseMs;
    this.#state = "open";
  }
}
