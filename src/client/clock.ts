// Time and chance as the client's loops see them, so that a test can move the one and fix the other.

import { abortable } from "./abortable.ts";

export interface Clock {
  /** ms since some moment, to tell durations by: it goes on evenly, whatever is done to the clock on the wall. */
  now(): number;
  /** Resolves after `ms`; rejects with `signal.reason` when the signal is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** Calls `wake` after `ms`, unless the function that it answers with is called before. */
  after(ms: number, wake: () => void): () => void;
  /** A number in [0, 1). */
  random(): number;
}

/** Beyond it a timer fires at once. ms */
const LONGEST_TIMER_MS = 2_147_483_647;

export const systemClock: Clock = {
  now: () => performance.now(),
  random: () => Math.random(),
  after: (ms, wake) => {
    const timer = setTimeout(wake, Math.min(ms, LONGEST_TIMER_MS));
    return () => clearTimeout(timer);
  },
  async sleep(ms, signal) {
    let clear: (() => void) | undefined;
    try {
      await abortable(new Promise<void>((wake) => (clear = this.after(ms, wake))), signal);
    } finally {
      clear?.();
    }
  },
};
