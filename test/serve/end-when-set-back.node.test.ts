// When a server is ended since the machine's clock was set, in a time that the test moves.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Exit } from "../../src/serve/child-exit.ts";
import { endWhenSetBack } from "../../src/serve/end-when-set-back.ts";

const DAY_MS = 86_400_000;

const said = vi.fn<(...words: unknown[]) => void>();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(said));
afterEach(() => {
  vi.restoreAllMocks();
  said.mockClear();
});

/** Sets the clock by `steps`, one a look, until the server is ended or there is no more; how many looks it took, or null. */
async function endedAfter(steps: readonly number[]): Promise<number | null> {
  const exited = Promise.withResolvers<Exit>();
  let wall = 1_800_000_000_000;
  let elapsed = 5_000;
  let looks = 0;
  let endedAt: number | null = null;
  const end = (): Promise<void> => {
    endedAt = looks;
    return Promise.resolve();
  };
  await endWhenSetBack({ exited: exited.promise }, end, {
    wall: () => wall,
    elapsed: () => elapsed,
    wait: async (ms) => {
      const step = steps[looks];
      if (step === undefined) {
        exited.resolve({ code: 0, signal: null });
        await exited.promise;
        return;
      }
      looks += 1;
      elapsed += ms;
      wall += ms + step;
    },
  });
  return endedAt;
}

test.each([-2_001, -3_600_000, -DAY_MS])(
  "a step of %d ms ends it at the next look, and a line says so",
  async (step) => {
    expect(await endedAfter([0, step, 0])).toBe(2);
    expect(said.mock.calls).toEqual([
      [`edgeq: the clock was set back by ${Math.round(-step / 1_000)} s: the server begins anew by it`],
    ]);
  },
);

test("a step forward, and one back that is waited out, leave it alone", async () => {
  expect(await endedAfter([3_600_000, DAY_MS, -2_000, -2_000, 0])).toBeNull();
  expect(said).not.toHaveBeenCalled();
});
