// The simulation in small: two hundred worlds, one seed each. `npm run simulate -- --runs 100000` is the same at length.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";

const RUNS = 200;
const SCRIPT = new URL("./simulate.ts", import.meta.url).pathname;

test("every promise holds in worlds where everything goes wrong (P1 to P6, P8, P9, P13)", async () => {
  // A process of its own: the world has its own clock and timers. Rejects, with what was broken, if any run fails.
  const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, "--runs", String(RUNS)]);
  expect(stdout).toMatch(new RegExp(`^${RUNS} runs, \\d+ turns, \\d{4,} cuts at \\d{3} distinct points`));
  console.log(`simulation: ${stdout.trim()}`);
});
