// A release by one command: what it makes of the changelog, and what it refuses before it changes anything.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { notesOf, withRelease } from "../../scripts/release/changelog.ts";
import { isLater } from "../../scripts/release/is-later.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";
import { finishScript } from "./run-script.ts";

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

it("the command refuses a version that is not later, in one sentence", async () => {
  const { code, stderr } = await finishScript("release.ts", ["0.0.1", "--dry-run"]);
  expect({ code, stderr }).toEqual({
    code: 1,
    stderr: 'edgeq: version: given "0.0.1", allowed: one later than 0.1.0\n',
  });
});

it("the changelog says nothing twice", () => {
  const lines = readFileSync(join(PROJECT_DIR, "CHANGELOG.md"), "utf8").match(/^- .+$/gm) ?? [];
  const beginnings = lines.map((line) => line.split(/[:;,.]/)[0]);
  expect(beginnings.filter((line, index) => beginnings.indexOf(line) !== index)).toEqual([]);
});
