// The simulation of numbered calls in small. `npm run simulate -- --of calls --runs 10000` is the same at length.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const RUNS = 100;
const SCRIPT = new URL("./simulate.ts", import.meta.url).pathname;

test("a numbered call is made once in worlds where everything goes wrong, by clients of which two have one name (P10)", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--of", "calls", "--runs", String(RUNS)]);
  expect(stdout).toMatch(new RegExp(`^${RUNS} runs, \\d+ turns, \\d{4,} cuts at \\d{3} distinct points`));
});
