// Tests draw the same random values in every run, unless the environment says otherwise.

import { expect, inject, test, vi } from "vitest";
import { fc } from "./fc.ts";
import { seedOfRun } from "./seed-of-run.ts";

function seedWith(value: string | undefined): number {
  vi.stubEnv("EDGEQ_SEED", value);
  try {
    return seedOfRun();
  } finally {
    vi.unstubAllEnvs();
  }
}

test("without EDGEQ_SEED every run has the same seed", () => {
  expect([seedWith(undefined), seedWith("")]).toEqual([1, 1]);
});

test("EDGEQ_SEED sets another seed", () => {
  expect([seedWith("0"), seedWith("42"), seedWith("2147483647")]).toEqual([0, 42, 2_147_483_647]);
});

test("what is no seed is refused, and the message says what is allowed", () => {
  for (const given of ["-1", "1.5", "1e3", "2147483648", "Random"])
    expect(() => seedWith(given)).toThrow(
      `EDGEQ_SEED: given ${given}, allowed: random, or a whole number from 0 to 2147483647`,
    );
});

test("a drawn seed is printed, and processes that are started afterwards have it too", () => {
  const log = vi.spyOn(console, "log").mockReturnValue();
  vi.stubEnv("EDGEQ_SEED", "random");
  const drawn = seedOfRun();
  expect(log).toHaveBeenCalledWith(`EDGEQ_SEED=${drawn}`);
  expect([process.env["EDGEQ_SEED"], seedOfRun()]).toEqual([String(drawn), drawn]);
  vi.unstubAllEnvs();
  log.mockRestore();
});

test("a property draws from the seed of the run, and the same each time", () => {
  const first = drawnValues();
  expect(first).toHaveLength(100);
  expect(drawnValues()).toEqual(first);
  expect(fc.check(fc.property(fc.nat(), () => true)).seed).toBe(inject("seed"));
});

function drawnValues(): readonly number[] {
  const values: number[] = [];
  fc.assert(fc.property(fc.nat(), (value) => void values.push(value)));
  return values;
}
