// Each example runs with its one command, and says itself whether all went right.

import { execFile } from "node:child_process";
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";

const run = promisify(execFile);
const EXAMPLES: Readonly<Record<string, RegExp>> = {
  "webhook-fan-in": /^deliveries: 402 accepted, 1 refused\ntable: 300 events, sum 14850, in \d+ batches$/m,
  "text-pipeline": /^failed attempts: \d+, dead: 1\nthe counts are those taken directly$/m,
  schedule: /^6 ticks, each once, none early$/m,
  "worker-to-worker": /^warehouse: \{"orders":20,"items":190\}$/m,
  "migrate-from-cloudflare-queues": /^the same$/m,
  pipeline: /^6 kills, \d+ calls not heard, 300 orders of \d+ cents\nthe count is exact at every stage$/m,
  "python-consumer": /^left: 0, dead: 1$/m,
};

describe("an example", () => {
  it.each(Object.entries(EXAMPLES))("%s runs and ends well", async (name, says) => {
    const { stdout } = await run("npm", ["run", "--silent", `example:${name}`], { cwd: PROJECT_DIR, timeout: 50_000 });
    expect(stdout).toMatch(says);
  });

  it("has a README that gives its command", async () => {
    for (const name of Object.keys(EXAMPLES)) {
      const readme = await readFile(join(PROJECT_DIR, "examples", name, "README.md"), "utf8");
      expect(readme).toContain(`npm run example:${name}`);
    }
    expect(await readdir(join(PROJECT_DIR, "examples"))).toEqual(expect.arrayContaining(Object.keys(EXAMPLES)));
  });
});
