// When a server that ended is started again, in a time that the test moves.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Exit } from "../../src/serve/child-exit.ts";
import { CommandError } from "../../src/serve/command-error.ts";
import { keepRunning, type Pace, type Running } from "../../src/serve/keep-running.ts";

const said = vi.fn<(...words: unknown[]) => void>();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(said));
afterEach(() => {
  vi.restoreAllMocks();
  said.mockClear();
});

/** Ends the first servers at once, after so many ms each; then stops all by a signal. */
async function waitsOf(lives: readonly number[], start: (run: Running) => Promise<Running>): Promise<number[]> {
  const waits: number[] = [];
  let now = 0;
  const pace: Pace = {
    now: () => now,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
  const left = [...lives];
  const stopped: Exit = { code: 0, signal: null };
  const run = (): Promise<Running> => {
    const life = left.shift();
    if (life === undefined) {
      process.emit("SIGTERM");
      return start({ exited: Promise.resolve(stopped), stop: () => Promise.resolve(stopped) });
    }
    const ended: Exit = { code: 3, signal: null };
    return start({
      get exited() {
        now += life;
        return Promise.resolve(ended);
      },
      stop: () => Promise.resolve(ended),
    });
  };
  expect(await keepRunning(run, pace)).toBe(0);
  return waits;
}

test("the waits double from 0.2 s up to 30 s, and begin anew after a minute's life", async () => {
  const short = Array.from({ length: 9 }, () => 59_999);
  const waits = await waitsOf([...short, 60_000, 0], (run) => Promise.resolve(run));
  expect(waits).toEqual([200, 400, 800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000, 200, 400]);
  expect(said).toHaveBeenCalledWith("edgeq: the server ended by itself (status 3); it starts again in 0.2 s");
});

test("a start that fails later is tried again, and says why", async () => {
  let starts = 0;
  const waits = await waitsOf([0], (run) => {
    starts += 1;
    return starts === 2 ? Promise.reject(new CommandError("the port is taken")) : Promise.resolve(run);
  });
  expect(waits).toEqual([200]);
  expect(said).toHaveBeenCalledWith("edgeq: the server did not start again: the port is taken");
});

test("a first start that fails is the person's to mend", async () => {
  await expect(keepRunning(() => Promise.reject(new CommandError("the port is taken")))).rejects.toThrow(
    "the port is taken",
  );
  expect(process.listenerCount("SIGTERM")).toBe(0);
});
