// The simulation of queues that are put back in small. `npm run simulate -- --of rewinds --runs 10000` is the same at length.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const RUNS = 40;
const SCRIPT = new URL("./simulate.ts", import.meta.url).pathname;

test("nothing of a lost time means anything, and nothing that is there is lost, in worlds where queues are put back (P2, P4, P9)", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--of", "rewinds", "--runs", String(RUNS)]);
  expect(stdout).toMatch(new RegExp(`^${RUNS} runs, \\d+ turns, \\d{4,} cuts at \\d{2,} distinct points`));
});
