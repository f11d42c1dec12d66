// Pages of the docs of which a part is written from what the code says: their tables, and the check that they are as they would be
// written.

import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "./worker-config.ts";

/** By its path, what a page is with its parts written anew. */
export type Pages = Readonly<Record<string, (text: string) => string>>;

/** With `--check` the pages are only compared. @param command what writes them */
export async function writePages(pages: Pages, command: string): Promise<void> {
  for (const [page, write] of Object.entries(pages)) {
    const path = join(PROJECT_DIR, page);
    const before = await readFile(path, "utf8");
    const after = write(before);
    if (after === before) continue;
    if (process.argv.includes("--check")) {
      process.stderr.write(`${page} is not what the code says: ${command}\n`);
      process.exitCode = 1;
    } else await writeFile(path, after);
  }
}

/** Replaces the table that has this first column. */
export function withTable(
  section: string,
  first: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const lines = section.split("\n");
  const start = lines.findIndex((line) => line.split("|")[1]?.trim() === first);
  if (start < 0) {
    if (rows.length > 0) throw new Error(`no table of ${first}s in:\n${section}`);
    return section;
  }
  const end = lines.findIndex((line, index) => index > start && !line.startsWith("|"));
  return [...lines.slice(0, start), table(head, rows), ...lines.slice(end)].join("\n");
}

/** A table with its columns padded, as the docs have them. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, column) => Math.max(3, name.length, ...rows.map((row) => (row[column] ?? "").length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(" | ")} |`;
  return [line(head), line(widths.map((width) => "-".repeat(width))), ...rows.map(line)].join("\n");
}
