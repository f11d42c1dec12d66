import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";
import { benchOptions, hasNpmPrinted } from "../../scripts/bench-options.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";

test("`npm run SCRIPT --json` has only the script's own answer on standard output, and the script knows of it", async () => {
  const dir = await mkdtemp(join(tmpdir(), "edgeq-bench-options-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const options = pathToFileURL(join(PROJECT_DIR, "scripts/bench-options.ts")).href;
  const script = `import { benchOptions, hasNpmPrinted } from ${JSON.stringify(options)};
    console.log(JSON.stringify([benchOptions(process.argv.slice(2), process.env), hasNpmPrinted(process.env)]));`;
  await writeFile(join(dir, "bench.mjs"), script);
  await writeFile(join(dir, "package.json"), JSON.stringify({ name: "benched", scripts: { bench: "node bench.mjs" } }));
  const { stdout } = await promisify(execFile)("npm", ["run", "bench", "--json", "--", "--quick"], { cwd: dir });
  expect(JSON.parse(stdout)).toEqual([["--quick", "--json"], false]);
});

test("options of the benchmark's own are left as they are", () => {
  expect(benchOptions(["--quick"], {})).toEqual(["--quick"]);
  expect(benchOptions(["--json"], { npm_config_json: "true" })).toEqual(["--json"]);
  expect(benchOptions(["--quick"], { npm_config_json: "" })).toEqual(["--quick"]);
});

test("npm has printed lines of its own unless it was asked for JSON or to be silent", () => {
  expect(hasNpmPrinted({})).toBe(false);
  expect(hasNpmPrinted({ npm_lifecycle_event: "bench", npm_config_loglevel: "notice" })).toBe(true);
  expect(hasNpmPrinted({ npm_lifecycle_event: "bench", npm_config_loglevel: "silent" })).toBe(false);
  expect(hasNpmPrinted({ npm_lifecycle_event: "bench", npm_config_json: "true" })).toBe(false);
});
