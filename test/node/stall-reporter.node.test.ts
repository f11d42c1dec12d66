import { execFile } from "node:child_process";
import { symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { expect, it } from "vitest";
import { temporaryFolder } from "../scripts/run-script.ts";

const PROJECT = resolve(import.meta.dirname, "../..");

const SPINS = `import { test } from "vitest";
test("ends", () => {});
test("spins", async () => { for (;;) await null; });`;

const CONFIG = `import { StallReporter } from ${JSON.stringify(join(import.meta.dirname, "stall-reporter.ts"))};
export default { test: { reporters: [new StallReporter(1_000)] } };`;

it("a file that spins for ever is named, and ends the run with an error", async () => {
  const dir = temporaryFolder();
  await symlink(join(PROJECT, "node_modules"), join(dir, "node_modules"));
  await writeFile(join(dir, "spins.test.js"), SPINS);
  await writeFile(join(dir, "vitest.config.mjs"), CONFIG);
  const vitest = join(PROJECT, "node_modules/vitest/vitest.mjs");
  const { promise, resolve: ended } = Promise.withResolvers<{ code: unknown; stderr: string }>();
  execFile(process.execPath, [vitest, "run"], { cwd: dir, timeout: 50_000 }, (error, _stdout, stderr) =>
    ended({ code: error?.code, stderr }),
  );
  const { code, stderr } = await promise;
  expect(stderr).toContain(`${join(dir, "spins.test.js")} has stopped: no test of it has ended for 1 s`);
  expect(code).toBe(1);
});
