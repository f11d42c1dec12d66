// What a reader must not have to look for: who is faster than edgeq at what, and whether it keeps anything.
import { latencyOnly, type SummaryRow } from "../measure/summarize.ts";

const isOwn = ({ subject }: SummaryRow): boolean => subject.startsWith("edgeq-");
const isFloor = ({ subject }: SummaryRow): boolean => subject === "workerd" || subject === "sqlite";

/** A line for each workload in which a peer beats the best of edgeq's ways in, or any one of them. */
export function aheadOfEdgeq(rows: readonly SummaryRow[]): string {
  const lines = [...new Set(rows.map((row) => row.workload))].flatMap((workload) => {
    const here = rows.filter((row) => row.workload === workload && !isFloor(row));
    const own = here.filter(isOwn);
    return own.flatMap((way) => {
      const ahead = here.filter((row) => !isOwn(row) && speed(row) > speed(way));
      if (ahead.length === 0) return [];
      const by = ahead
        .toSorted((a, b) => speed(b) - speed(a))
        .map((row) => `${row.subject} (${(speed(row) / speed(way)).toFixed(1)} times)`);
      return [`- **${workload}**, ${way.subject}: ${by.join(", ")}`];
    });
  });
  return lines.length === 0 ? "Nowhere in this run." : lines.join("\n");
}

/** More is better: tasks a second, or deliveries a second of the middle one. */
const speed = (row: SummaryRow): number => (latencyOnly(row.workload) ? 1_000 / row.latency.p50Ms : row.tasksPerSecond);
