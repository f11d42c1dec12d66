// edgeq/testing from the installed package, under the test runners that docs/test.md names.

import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { layOut, packed, run, userEnvironment, type Packed } from "./packed.ts";

let pack: Packed;
let dir: string;

beforeAll(async () => {
  pack = await packed();
  ({ dir } = pack);
  await layOut(pack.tarball, dir);
});
afterAll(() => pack.remove());

/** Imports what a runner has in its own words; the body is the same for all. */
function program(runner: string): string {
  return `
    ${runner}
    import { QueueNotFoundError } from "edgeq/client";
    import { retryAfter } from "edgeq/consumer";
    import { TestServer } from "edgeq/testing";

    test("a task is tried again", async () => {
      const server = new TestServer();
      const queue = server.queue("orders");
      const error = await queue.stats().catch((caught) => caught);
      if (!(error instanceof QueueNotFoundError)) throw new Error("another class: " + error);
      let attempts = 0;
      const consumer = server.consumer(() => { if (++attempts === 1) throw retryAfter(60_000); }, { queue });
      await queue.enqueue({ item: "pen" });
      const [failed] = await consumer.step();
      await server.advance(60_000);
      const [acked] = await consumer.step();
      if (failed.kind !== "failed" || acked.kind !== "acked") throw new Error(failed.kind + ", " + acked.kind);
    });`;
}

describe("edgeq/testing", () => {
  it("works in node:test", async () => {
    await writeFile(join(dir, "node.test.js"), program('import { test } from "node:test";'));
    const { stdout } = await run(process.execPath, ["--test", "node.test.js"], { cwd: dir, env: userEnvironment() });
    expect(stdout).toMatch(/pass 1\b/);
  });

  it("works in vitest", async () => {
    await writeFile(join(dir, "vitest.test.js"), program('import { test } from "vitest";'));
    await symlink(join(PROJECT_DIR, "node_modules/vitest"), join(dir, "node_modules/vitest"));
    const vitest = join(PROJECT_DIR, "node_modules/vitest/vitest.mjs");
    const args = [vitest, "run", "--root", dir, "vitest.test.js"];
    const { stdout } = await run(process.execPath, args, { cwd: dir, env: userEnvironment() });
    expect(stdout).toMatch(/1 passed/);
  });

  it("says at once that it needs a newer Node", async () => {
    const text = `import { TestServer } from "edgeq/testing";
      try { new TestServer(); } catch (error) { console.log(error.name + ": " + error.message); }`;
    const args = ["--no-experimental-sqlite", "--input-type=module", "-e", text];
    const { stdout } = await run(process.execPath, args, { cwd: dir, env: userEnvironment() });
    expect(stdout).toMatch(/^Error: edgeq\/testing needs Node 22\.13 or later; this is v/);
  });

  it.each([
    ["test.md", 6],
    ["keys.md", 1],
  ])("passes the tests that docs/%s shows", async (page, count) => {
    const text = await readFile(join(PROJECT_DIR, "docs", page), "utf8");
    const blocks = [...text.matchAll(/^```ts run\n([\s\S]*?)^```/gm)].map(([, block]) => block ?? "");
    expect(blocks).toHaveLength(count);
    await mkdir(join(dir, page));
    for (const [index, block] of blocks.entries()) await writeFile(join(dir, page, `${index}.test.ts`), block);
    const { stdout } = await run(process.execPath, ["--test", `${page}/*.test.ts`], {
      cwd: dir,
      env: userEnvironment(),
    });
    expect(stdout).toMatch(new RegExp(`pass ${count}\\b`));
    expect(stdout).toMatch(/fail 0\b/);
  });
});
