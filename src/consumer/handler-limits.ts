// Until when handlers are waited for: each for its time, and all of them until the consumer gives up. Hundreds begin and end at one
// time, so they share one timer, which is set for the first of them.

import type { Timers } from "./timers.ts";

export type LimitReached = "timed-out" | "stopped";

export class HandlerLimits {
  readonly #clock: Timers;
  /** How long a handler may run. ms */
  readonly timeoutMs: number;
  #isOver = false;
  /** Until when each may run, the first first: all of them may run for as long. */
  readonly #endsAt = new Map<(reached: LimitReached) => void, number>();
  #clear: (() => void) | null = null;

  constructor(clock: Timers, timeoutMs: number) {
    this.#clock = clock;
    this.timeoutMs = timeoutMs;
  }

  /** Calls `end` when a handler that begins now is waited for no longer, or at once. @returns what takes it out again */
  on(end: (reached: LimitReached) => void): () => void {
    if (this.#isOver) end("stopped");
    else {
      this.#endsAt.set(end, this.#clock.now() + this.timeoutMs);
      this.#clear ??= this.#clock.after(this.timeoutMs, () => this.#ring());
    }
    return () => {
      this.#endsAt.delete(end);
      if (this.#endsAt.size === 0) this.#rest();
    };
  }

  /** No handler is waited for any longer. */
  giveUp(): void {
    this.#isOver = true;
    this.#rest();
    for (const end of this.#endsAt.keys()) end("stopped");
    this.#endsAt.clear();
  }

  #ring(): void {
    this.#clear = null;
    const now = this.#clock.now();
    for (const [end, at] of this.#endsAt) {
      if (at > now) {
        this.#clear = this.#clock.after(at - now, () => this.#ring());
        return;
      }
      this.#endsAt.delete(end);
      end("timed-out");
    }
  }

  #rest(): void {
    this.#clear?.();
    this.#clear = null;
  }
}
