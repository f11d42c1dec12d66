// Rows in columns, for people.

import type { Terminal } from "./terminal.ts";

const GAP = "  ";
/** Text in the range of colour codes takes no room. */
// oxlint-disable-next-line no-control-regex
const STYLING = /\u001B\[\d+m/g;

/** @param right the columns whose cells are numbers, set flush right */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ""))));
  return rows
    .map((row) =>
      row
        .map((cell, column) => {
          const padding = " ".repeat((widths[column] ?? 0) - widthOf(cell));
          return right.includes(column) ? padding + cell : cell + padding;
        })
        .join(GAP)
        .trimEnd(),
    )
    .join("\n");
}

/** The same below a line of titles. */
export function titledTable(
  terminal: Terminal,
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string {
  return table([titles.map((title) => terminal.paint("dim", title)), ...rows], right);
}

/** Characters of a cell that take room. */
export function widthOf(cell: string): number {
  return cell.replaceAll(STYLING, "").length;
}
