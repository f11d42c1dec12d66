// A clock that stands still until a test moves it.

import type { Timers } from "../../src/consumer/timers.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export class ManualClock implements Timers {
  #now = 1_800_000_000_000;
  #sleepers: Sleeper[] = [];
  /** What `random` answers with. */
  chance = 0;

  now(): number {
    return this.#now;
  }

  random(): number {
    return this.chance;
  }

  /** How many sleep at this moment. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  after(ms: number, wake: () => void): () => void {
    if (ms <= 0) {
      queueMicrotask(wake);
      return () => {};
    }
    const leave = (): void => {
      this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
    };
    const sleeper: Sleeper = {
      at: this.#now + ms,
      wake: () => {
        leave();
        wake();
      },
    };
    this.#sleepers.push(sleeper);
    return leave;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted === true) {
        reject(signal.reason as Error);
        return;
      }
      if (ms <= 0) {
        resolve();
        return;
      }
      const leave = this.after(ms, resolve);
      signal?.addEventListener("abort", () => {
        leave();
        reject(signal.reason as Error);
      });
    });
  }

  /** Moves time, waking each sleeper at its own instant, and lets all that follows happen. */
  async advance(ms: number): Promise<void> {
    const until = this.#now + ms;
    await settled();
    for (;;) {
      const next = this.#sleepers.filter(({ at }) => at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#now = Math.max(this.#now, next.at);
      next.wake();
      await settled();
    }
    this.#now = until;
    await settled();
  }
}

/** Lets every promise that can go on do so: a turn of the event loop comes after all microtasks. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
