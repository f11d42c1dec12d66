// What a reader must not have to look for: who is faster than edgeq at what, and whether it keeps anything.
import { markdownTable } from "../measure/markdown-table.ts";
import { latencyOnly, type SummaryRow } from "../measure/summarize.ts";
import { keepsNothing } from "../measure/keeps-nothing.ts";

const isOwn = ({ subject }: SummaryRow): boolean => subject.startsWith("edgeq-");
const isFloor = ({ subject }: SummaryRow): boolean => subject === "workerd" || subject === "sqlite";

/** A row for each workload in which a peer beats the best of edgeq's ways in, or any one of them. */
export function aheadOfEdgeq(rows: readonly SummaryRow[]): string {
  const lines = [...new Set(rows.map((row) => row.workload))].flatMap((workload) => {
    const here = rows.filter((row) => row.workload === workload && !isFloor(row));
    const own = here.filter(isOwn);
    return own.flatMap((way) => {
      const ahead = here.filter((row) => !isOwn(row) && speed(row) > speed(way));
      if (ahead.length === 0) return [];
      const by = ahead
        .toSorted((a, b) => speed(b) - speed(a))
        .map(({ subject, ...row }) => {
          const name = keepsNothing(subject) ? `_${subject}_` : subject;
          return `${name} ${(speed({ subject, ...row }) / speed(way)).toFixed(1)}`;
        });
      return [[workload, way.subject, by.join(", ")]];
    });
  });
  if (lines.length === 0) return "Nowhere in this run.";
  return markdownTable(
    ["at", "of edgeq", "peers ahead, how many times as fast; _those that keep nothing on disk_"],
    lines,
  );
}

/** More is better: tasks a second, or deliveries a second of the middle one. */
const speed = (row: SummaryRow): number => (latencyOnly(row.workload) ? 1_000 / row.latency.p50Ms : row.tasksPerSecond);
