// Time and chance as the client's loops see them, so that a test can move the one and fix the other.

import { abortable } from "./abortable.ts";

export interface Clock {
  /** ms since some moment, for measuring durations: monotonic, whatever is done to the wall clock. */
  now(): number;
  /** Resolves after `ms`, at most 24 days; rejects with `signal.reason` when the signal is aborted first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
  /** A number in [0, 1). */
  random(): number;
}

export const systemClock: Clock = {
  now: () => performance.now(),
  random: Math.random,
  sleep(ms, signal) {
    let timer!: ReturnType<typeof setTimeout>;
    const slept = new Promise<void>((wake) => (timer = setTimeout(wake, ms)));
    return abortable(slept, signal).finally(() => clearTimeout(timer));
  },
};
