// The pages about the design are held to the tree: each promise names tests that name it, each room of src/ has its line.

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";

const promises = await readFile(join(PROJECT_DIR, "docs/promises.md"), "utf8");
const architecture = await readFile(join(PROJECT_DIR, "docs/architecture.md"), "utf8");
const sections = promises.split(/^## /m).slice(1);

it("there are the promises P1 to P14, in order", () => {
  expect(sections.map((section) => section.split(" ")[0])).toEqual(Array.from({ length: 14 }, (_, n) => `P${n + 1}`));
});

describe.each(sections)("%s", (section) => {
  const [number = ""] = section.split(" ");
  const [, tests = ""] = section.split("\nTests: ");
  const files = [...tests.matchAll(/`(test\/[^`]+)`/g)].map(([, path]) => path ?? "");

  it("is proved by tests that say so", async () => {
    expect(files.length).toBeGreaterThan(1);
    for (const file of files) {
      const text = await readFile(join(PROJECT_DIR, file), "utf8");
      const names = new RegExp(`\\b${number}\\b`).test(text);
      expect({ file, names }).toEqual({ file, names: true });
    }
  });
});

it.each(["src", "src/queue"])("every folder of %s is in the architecture", async (folder) => {
  const entries = await readdir(join(PROJECT_DIR, folder), { withFileTypes: true });
  const rooms = entries.filter((entry) => entry.isDirectory()).map(({ name }) => `| \`${name}/\` |`);
  expect(rooms.filter((room) => !architecture.includes(room))).toEqual([]);
});

it("the files that the architecture names are there", async () => {
  const named = [
    ...architecture.matchAll(/`((?:api|binding|claims|http|mail|object|operations|queue|ready)\/[\w/-]+\.ts)`/g),
  ];
  expect(named.length).toBeGreaterThan(8);
  for (const [, path = ""] of named) {
    const candidates = [join(PROJECT_DIR, "src", path), join(PROJECT_DIR, "src/queue", path)];
    const found = await Promise.any(candidates.map((candidate) => readFile(candidate))).then(
      () => path,
      () => `${path} is not there`,
    );
    expect(found).toBe(path);
  }
});
