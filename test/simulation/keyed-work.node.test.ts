// The simulation of keys in small. `npm run simulate -- --of keys --runs 10000` is the same at length.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const RUNS = 100;
const SCRIPT = new URL("./simulate.ts", import.meta.url).pathname;

test("keys are given what they may have, in order and by turns, in worlds where everything goes wrong (K1 to K5)", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--of", "keys", "--runs", String(RUNS)]);
  expect(stdout).toMatch(new RegExp(`^${RUNS} runs, \\d+ turns, \\d{4,} cuts at \\d{2,} distinct points`));
});
