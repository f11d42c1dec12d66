// A release by one command: what it makes of the changelog, what it does, and what it refuses before it changes anything.

import { execFileSync, spawnSync, type SpawnSyncReturns } from "node:child_process";
import { cpSync, existsSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, it } from "vitest";
import { notesOf, withRelease } from "../../scripts/release/changelog.ts";
import { isLater } from "../../scripts/release/is-later.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { userEnvironment } from "../package/packed.ts";
import { temporaryFolder } from "./run-script.ts";

const AUTHORED = {
  ...userEnvironment(),
  GIT_AUTHOR_NAME: "a",
  GIT_AUTHOR_EMAIL: "a@example.com",
  GIT_COMMITTER_NAME: "a",
  GIT_COMMITTER_EMAIL: "a@example.com",
};

const BEFORE = "# Changelog\n\n## Unreleased\n\n### Added\n\n- A thing.\n\n## 0.1.0 - 2026-01-01\n\n- The first.\n";

it("what is unreleased becomes the version, and is its notes", () => {
  const after = withRelease(BEFORE, "0.2.0", "2026-02-01");
  expect(after).toContain("## Unreleased\n\n## 0.2.0 - 2026-02-01\n\n### Added\n\n- A thing.");
  expect(notesOf(after, "0.2.0")).toBe("### Added\n\n- A thing.");
  expect(notesOf(after, "0.1.0")).toBe("- The first.");
  expect(notesOf(after, "0.3.0")).toBeNull();
});

it("nothing unreleased, or a version that is there, is refused", () => {
  const after = withRelease(BEFORE, "0.2.0", "2026-02-01");
  expect(() => withRelease(after, "0.3.0", "2026-03-01")).toThrow("nothing unreleased");
  expect(() => withRelease(BEFORE, "0.1.0", "2026-03-01")).toThrow("0.1.0 already");
});

it.each([
  ["0.2.0", "0.1.9", true],
  ["0.10.0", "0.9.0", true],
  ["1.0.0", "0.9.9", true],
  ["0.1.0", "0.1.0", false],
  ["0.1.0", "0.2.0", false],
  ["0.2", "0.1.0", false],
  ["0.2.0-rc.1", "0.1.0", false],
  ["01.2.0", "0.1.0", false],
])("%s is later than %s: %s", (version, than, expected) => {
  expect(isLater(version, than)).toBe(expected);
});

describe("npm run release, in a project of its own", () => {
  let dir: string;
  const git = (...args: string[]): string => execFileSync("git", args, { cwd: dir, env: AUTHORED, encoding: "utf8" });
  const release = (...args: string[]): SpawnSyncReturns<string> =>
    spawnSync(process.execPath, [join(dir, "scripts/release.ts"), ...args], {
      cwd: dir,
      env: AUTHORED,
      encoding: "utf8",
    });

  beforeEach(() => {
    dir = temporaryFolder();
    for (const path of ["scripts/release.ts", "scripts/release", "scripts/worker-config.ts", "src/serve"]) {
      cpSync(join(PROJECT_DIR, path), join(dir, path), { recursive: true });
    }
    symlinkSync(join(PROJECT_DIR, "node_modules"), join(dir, "node_modules"));
    const manifest = {
      name: "edgeq",
      version: "0.1.0",
      type: "module",
      scripts: { check: "echo checked", test: "echo tested" },
    };
    writeFileSync(join(dir, "package.json"), JSON.stringify(manifest));
    writeFileSync(join(dir, "CHANGELOG.md"), "# Changelog\n\n## Unreleased\n\n- A queue.\n");
    writeFileSync(join(dir, ".gitignore"), "node_modules\n*.tgz\n");
    git("init", "--quiet");
    git("add", "--all");
    git("commit", "--quiet", "--message", "all");
  });

  it("makes the first release of the version that package.json has, and the next of a later one", () => {
    expect(release("0.1.0")).toMatchObject({ status: 0, stdout: expect.stringMatching(/checked[^]*tested/) as string });
    expect(git("tag", "--list", "-n")).toMatch(/^v0\.1\.0 +edgeq 0\.1\.0\n$/);
    expect(notesOf(readFileSync(join(dir, "CHANGELOG.md"), "utf8"), "0.1.0")).toBe("- A queue.");
    expect(existsSync(join(dir, "edgeq-0.1.0.tgz"))).toBe(true);
    expect(git("status", "--porcelain")).toBe("");
    expect(release("0.1.0")).toMatchObject({ status: 1, stderr: refusalOf("0.1.0") });

    writeFileSync(
      join(dir, "CHANGELOG.md"),
      readFileSync(join(dir, "CHANGELOG.md"), "utf8").replace("eased\n", "eased\n\n- More.\n"),
    );
    expect(release("0.2.0")).toMatchObject({ status: 1, stderr: "edgeq: there are changes that are not committed\n" });
    git("commit", "--quiet", "--all", "--message", "more");
    expect(release("0.2.0")).toMatchObject({ status: 0 });
    expect(JSON.parse(readFileSync(join(dir, "package.json"), "utf8"))).toMatchObject({ version: "0.2.0" });
    expect(git("log", "--format=%s", "--max-count=1")).toBe("release: 0.2.0\n");
  });

  it("refuses a version that is not later, in one sentence", () => {
    expect(release("0.0.1")).toMatchObject({ status: 1, stdout: "", stderr: refusalOf("0.0.1") });
  });

  it("lists its steps in a dry run, and changes nothing", () => {
    expect(release("0.1.0", "--dry-run")).toMatchObject({
      status: 0,
      stdout: `edgeq: find nothing that is not committed
edgeq: set the version to 0.1.0
edgeq: date the changelog
edgeq: check
edgeq: test
edgeq: commit
edgeq: tag
edgeq: pack
edgeq: to publish it: git push --follow-tags
`,
    });
    expect(git("status", "--porcelain") + git("tag", "--list")).toBe("");
  });
});

function refusalOf(version: string): string {
  return `edgeq: version: given "${version}", allowed: one later than 0.1.0\n`;
}

it("the changelog says nothing twice", () => {
  const lines = readFileSync(join(PROJECT_DIR, "CHANGELOG.md"), "utf8").match(/^- .+$/gm) ?? [];
  const beginnings = lines.map((line) => line.split(/[:;,.]/)[0]);
  expect(beginnings.filter((line, index) => beginnings.indexOf(line) !== index)).toEqual([]);
});
