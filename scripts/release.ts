// `npm run release -- 0.2.0`: the whole of a release on this machine. It sets the version, dates the changelog, checks and tests,
// commits, tags and packs. The first release is of the version that package.json has. Pushing the tag is left to you: the workflow then publishes it.
//
//   --dry-run     says what would be done, and changes nothing

import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { CommandError } from "../src/serve/command-error.ts";
import { runCommand } from "../src/serve/run-command.ts";
import { notesOf, withRelease } from "./release/changelog.ts";
import { isLater } from "./release/is-later.ts";
import { PROJECT_DIR } from "./worker-config.ts";

const CHANGELOG = join(PROJECT_DIR, "CHANGELOG.md");

await runCommand(async () => {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { "dry-run": { type: "boolean" } } });
  const [version = ""] = positionals;
  const manifest = JSON.parse(readFileSync(join(PROJECT_DIR, "package.json"), "utf8")) as { readonly version: string };
  const before = readFileSync(CHANGELOG, "utf8");
  // The first release has the version that the manifest has from the beginning.
  const isFirst = version === manifest.version && notesOf(before, version) === null;
  if (!isFirst && !isLater(version, manifest.version)) {
    throw new CommandError(`version: given ${JSON.stringify(version)}, allowed: one later than ${manifest.version}`);
  }
  const changelog = withRelease(before, version, new Date().toISOString().slice(0, 10));
  const steps: readonly [string, () => void][] = [
    ["find nothing that is not committed", refuseChanges],
    [
      `set the version to ${version}`,
      () => run("npm", ["version", version, "--no-git-tag-version", "--ignore-scripts", "--allow-same-version"]),
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

function refuseChanges(): void {
  const changes = execFileSync("git", ["status", "--porcelain"], { cwd: PROJECT_DIR, encoding: "utf8" });
  if (changes !== "") throw new CommandError("there are changes that are not committed");
}

function run(program: string, args: readonly string[]): void {
  execFileSync(program, args, { cwd: PROJECT_DIR, stdio: "inherit" });
}
