// The clock that the objects read, moved by the test. It starts a day ahead, so that no real alarm comes due in the test.

import { afterEach, beforeEach, vi } from "vitest";

const DAY_MS = 86_400_000;

export interface TestClock {
  now(): number;
  advance(ms: number): void;
  moveTo(at: number): void;
}

/** Stops the clock for each test of a file, or of a `describe`. Only `Date`: timers run as ever. */
export function stoppedClock(): TestClock {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + DAY_MS });
  });
  afterEach(() => {
    vi.useRealTimers();
  });
  return {
    now: () => Date.now(),
    advance: (ms) => vi.setSystemTime(Date.now() + ms),
    moveTo: (at) => vi.setSystemTime(at),
  };
}
