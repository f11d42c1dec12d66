// Time as the consumer's loops see it: the client's, and timers that call back.

import { systemClock, type Clock } from "../client/clock.ts";

export interface Timers extends Clock {
  /** Calls `wake` after `ms`, at most 24 days, unless the function that it answers with is called before. */
  after(ms: number, wake: () => void): () => void;
}

export const systemTimers: Timers = {
  ...systemClock,
  after: (ms, wake) => {
    const timer = setTimeout(wake, ms);
    return () => clearTimeout(timer);
  },
};
