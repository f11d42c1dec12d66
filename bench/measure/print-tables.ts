// The tables, in markdown: who was measured under which durability, then one table per workload.
import type { SubjectResult } from "./run-rounds.ts";
import { markdownTable } from "./markdown-table.ts";
import { latencyOnly, type SummaryRow } from "./summarize.ts";

export function printTables(
  results: readonly SubjectResult[],
  rows: readonly SummaryRow[],
  base: string | null,
): string {
  const blocks = [subjectsTable(results)];
  for (const workload of new Set(rows.map((row) => row.workload))) {
    const ofWorkload = rows.filter((row) => row.workload === workload);
    blocks.push(
      `### ${workload}\n\n${latencyOnly(workload) ? latencyTable(ofWorkload, base) : rateTable(ofWorkload, base)}`,
    );
  }
  return `${blocks.join("\n\n")}\n`;
}

function subjectsTable(results: readonly SubjectResult[]): string {
  const lines = results.map(({ name, version, durability, problem }) => {
    const state = problem === null ? version : `**not measured**: ${problem.split("\n")[0] ?? ""}`;
    return [name, state, durability];
  });
  return markdownTable(["measured", "version", "durable means"], lines);
}

function rateTable(rows: readonly SummaryRow[], base: string | null): string {
  const sorted = [...rows].sort((a, b) => b.tasksPerSecond - a.tasksPerSecond);
  return markdownTable(
    ["", "tasks/s (median)", "lowest to highest", `of ${base ?? "base"}`, "p50 ms", "p95 ms", "p99 ms", ""],
    sorted.map((row) => [
      row.subject,
      whole(row.tasksPerSecond),
      `${whole(row.lowest)} to ${whole(row.highest)}`,
      ratio(row),
      ...latencies(row),
      row.notes.join("; "),
    ]),
  );
}

function latencyTable(rows: readonly SummaryRow[], base: string | null): string {
  const sorted = [...rows].sort((a, b) => a.latency.p50Ms - b.latency.p50Ms);
  return markdownTable(
    ["", "p50 ms", "p95 ms", "p99 ms", `p50 of ${base ?? "base"}`, ""],
    sorted.map((row) => [row.subject, ...latencies(row), ratio(row), row.notes.join("; ")]),
  );
}

const latencies = ({ latency }: SummaryRow): string[] =>
  [latency.p50Ms, latency.p95Ms, latency.p99Ms].map((ms) => ms.toFixed(2));
const ratio = (row: SummaryRow): string => (row.ratio === null ? "" : row.ratio.toFixed(2));
const whole = (value: number): string => Math.round(value).toLocaleString("en-US");
