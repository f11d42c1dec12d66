// For files of tests that share a process: each leaves time, globals and environment to the next one as it found them.

import { afterAll, vi } from "vitest";

afterAll(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.unstubAllEnvs();
});
