// Wakes a loop that sleeps: at a time, or sooner when something has changed.

import type { Timers } from "./timers.ts";

export class Bell {
  readonly #clock: Timers;
  #wake: (() => void) | null = null;
  #hasRung = false;

  constructor(clock: Timers) {
    this.#clock = clock;
  }

  ring(): void {
    this.#hasRung = true;
    this.#wake?.();
  }

  /** Resolves at the next ring, or one since the last wait, or at the instant `at`; null: at a ring only. One waiter at a time. */
  async wait(at: number | null): Promise<void> {
    if (!this.#hasRung) {
      let clear = nothing;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
        if (at !== null) clear = this.#clock.after(Math.max(0, at - this.#clock.now()), resolve);
      });
      this.#wake = null;
      clear();
    }
    this.#hasRung = false;
  }
}

function nothing(): void {}
