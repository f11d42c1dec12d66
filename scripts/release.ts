// `npm run release -- 0.2.0`: the whole of a release on this machine. It sets the version, dates the changelog, checks and tests,
// commits, tags and packs. Pushing the tag is left to you: the workflow then publishes it.
//
//   --dry-run     says what would be done, and changes nothing

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { withRelease } from "./release/changelog.ts";
import { isLater } from "./release/is-later.ts";
import { PROJECT_DIR } from "./worker-config.ts";

const CHANGELOG = join(PROJECT_DIR, "CHANGELOG.md");

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { "dry-run": { type: "boolean" } } });
  const [version = ""] = positionals;
  const manifest = JSON.parse(readFileSync(join(PROJECT_DIR, "package.json"), "utf8")) as { readonly version: string };
  if (!isLater(version, manifest.version)) {
    throw new CommandError(`version: given ${JSON.stringify(version)}, allowed: one later than ${manifest.version}`);
  }
  if (output("git", ["status", "--porcelain"]) !== "")
    throw new CommandError("there are changes that are not committed");
  const changelog = withRelease(readFileSync(CHANGELOG, "utf8"), version, new Date().toISOString().slice(0, 10));
  const steps: readonly [string, () => void][] = [
    [
      `set the version to ${version}`,
      () => run("npm", ["version", version, "--no-git-tag-version", "--ignore-scripts"]),
    ],
    ["date the changelog", () => writeFileSync(CHANGELOG, changelog)],
    ["check", () => run("npm", ["run", "check"])],
    ["test", () => run("npm", ["test"])],
    ["commit", () => run("git", ["commit", "--all", "--message", `release: ${version}`])],
    ["tag", () => run("git", ["tag", "--annotate", `v${version}`, "--message", `edgeq ${version}`])],
    ["pack", () => run("npm", ["pack"])],
  ];
  for (const [name, step] of steps) {
    console.log(`edgeq: ${name}`);
    if (values["dry-run"] !== true) step();
  }
  console.log(`edgeq: to publish it: git push --follow-tags`);
  return Promise.resolve(0);
});

function output(program: string, args: readonly string[]): string {
  return execFileSync(program, args, { cwd: PROJECT_DIR, encoding: "utf8" });
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { cwd: PROJECT_DIR, stdio: "inherit" });
}
