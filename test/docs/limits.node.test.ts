// The page of limits names every operation, and every part of what is held.

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import { OBJECT_PARTS, WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { PROJECT_DIR } from "../../scripts/worker-config.ts";

const MIB = 1_048_576;
const PAGE = await readFile(join(PROJECT_DIR, "docs/limits.md"), "utf8");

/** The cells of each row of the table that follows a line. */
function rowsAfter(line: string): string[][] {
  const [, rest = ""] = PAGE.split(`\n${line}\n`);
  const [table = ""] = rest.slice(rest.indexOf("\n|") + 1).split("\n\n");
  const rows = table.split("\n").slice(2);
  return rows.map((row) =>
    row
      .split("|")
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

test("what each operation may take is documented, once", () => {
  const named = rowsAfter("### What one operation may take").flatMap(([names = ""]) =>
    Array.from(names.matchAll(/`(\w+)`/g), ([, name]) => name),
  );
  expect(named.toSorted()).toEqual(Object.keys(OPERATIONS).toSorted());
});

/** Bytes of each row of the ledger that is about a queue, or an isolate. */
function heldBy(where: string): number[] {
  const rows = rowsAfter("## Memory");
  return rows.flatMap(([, most = "", of = ""]) => (of === where ? [Number.parseInt(most, 10) * MIB] : []));
}

test("the ledger's table has each of its parts, with its size", () => {
  expect(heldBy("a queue").toSorted()).toEqual(Object.values(OBJECT_PARTS).toSorted());
  expect(heldBy("an isolate").toSorted()).toEqual(Object.values(WORKER_PARTS).toSorted());
});
