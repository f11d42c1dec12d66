// What two builds of edgeq measured side by side come to: ratios, each the median of the rounds' own, which are the medians of
// their pieces'.
import { markdownTable } from "../measure/markdown-table.ts";
import { median } from "../measure/summarize.ts";
import type { Pair } from "./pair.ts";
import type { AgainstResult } from "./run-against.ts";
import type { ServerMeasurement } from "./server-measurement.ts";

export interface Comparison {
  readonly what: string;
  readonly unit: "tasks/s" | "ms" | "µs a task" | "rows a task" | "bytes";
  readonly own: number;
  readonly other: number;
  /** Own to other: the median of the rounds' ratios. */
  readonly ratio: number;
  readonly lowest: number;
  readonly highest: number;
}

/** How much worse than the other side a rate, a time or a size may be, as a share, before a row is marked. */
const tolerance = 0.03;

export function comparisonsOf({ rounds, costs, client }: AgainstResult): Comparison[] {
  const measured = rounds.flatMap((ofWorkload): Comparison[] => {
    const workload = workloadOf(ofWorkload);
    const cpu = comparison(`${workload}, server's CPU`, "µs a task", ofWorkload, cpuUs);
    if (!isLatency(workload)) return [comparison(workload, "tasks/s", ofWorkload, rate), cpu];
    if (workload === "wake-up") return [comparison("wake-up, p50", "ms", ofWorkload, ({ latency }) => latency.p50Ms)];
    return [
      cpu,
      comparison(`${workload}, p50`, "ms", ofWorkload, ({ latency }) => latency.p50Ms),
      comparison(`${workload}, p99`, "ms", ofWorkload, ({ latency }) => latency.p99Ms),
    ];
  });
  const rows = costs[0].flatMap(({ profile, rowsPerTask }): Comparison[] => {
    const other = costs[1].find((cost) => cost.profile.name === profile.name);
    if (other === undefined) return [];
    return [comparison(`rows, ${profile.name}`, "rows a task", [[[rowsPerTask, other.rowsPerTask]]], (count) => count)];
  });
  const bytes = client.map(({ what, gzipBytes }) => comparison(what, "bytes", [[gzipBytes]], (count) => count));
  return [...measured, ...rows, ...bytes];
}

export function againstTables(result: AgainstResult): string {
  const [own, other] = result.names;
  const rows = comparisonsOf(result).map((row) => [
    row.what,
    amount(row.own, row.unit),
    amount(row.other, row.unit),
    row.ratio.toFixed(2),
    row.lowest === row.highest ? "" : `${row.lowest.toFixed(2)} to ${row.highest.toFixed(2)}`,
    isWorse(row) ? "**worse**" : "",
  ]);
  const table = markdownTable(["", own, other, "ratio", "rounds", ""], rows);
  return `${table}\n${floorLines(result)}`;
}

/** A delivery beside the round trip that writes a row, which is the least that it can take. */
function floorLines({ names, rounds, floor }: AgainstResult): string {
  const deliveries = rounds.find((ofWorkload) => workloadOf(ofWorkload) === "delivery over socket");
  if (deliveries === undefined || floor.length === 0) return "";
  const floorMs = median(floor.map(({ latency }) => latency.p50Ms));
  const times = ([0, 1] as const).map((side) => {
    const ratios = deliveries.map(
      (pieces, round) =>
        median(pieces.map((piece) => piece[side].latency.p50Ms)) / (floor[round]?.latency.p50Ms ?? floorMs),
    );
    return `${median(ratios).toFixed(2)} (${names[side]})`;
  });
  return `\nDelivery over a socket, p50, in round trips that write a row (${floorMs.toFixed(2)} ms): ${times.join(", ")}\n`;
}

function comparison<Value>(
  what: string,
  unit: Comparison["unit"],
  rounds: readonly (readonly Pair<Value>[])[],
  read: (value: Value) => number,
): Comparison {
  const ratios = rounds.map((pieces) => median(pieces.map(([own, other]) => read(own) / read(other))));
  return {
    what,
    unit,
    own: median(rounds.flat().map(([own]) => read(own))),
    other: median(rounds.flat().map(([, other]) => read(other))),
    ratio: median(ratios),
    lowest: Math.min(...ratios),
    highest: Math.max(...ratios),
  };
}

/** Of rates more is better, of all else less. Rows may not grow at all. A time or a rate is worse if it was in every round. */
function isWorse({ unit, ratio, lowest, highest }: Comparison): boolean {
  if (unit === "rows a task") return ratio > 1;
  return unit === "tasks/s" ? ratio < 1 - tolerance && highest < 1 : ratio > 1 + tolerance && lowest > 1;
}

const workloadOf = (rounds: AgainstResult["rounds"][number]): string => rounds[0]?.[0]?.[0].workload ?? "";
const isLatency = (workload: string): boolean => workload.startsWith("delivery") || workload === "wake-up";
const cpuUs = ({ tasks, cpuMs }: ServerMeasurement): number => (cpuMs / tasks) * 1000;
const rate = ({ tasks, elapsedMs }: ServerMeasurement): number => (tasks / elapsedMs) * 1000;

function amount(value: number, unit: Comparison["unit"]): string {
  const digits = { "tasks/s": 0, ms: 2, "µs a task": 1, "rows a task": 3, bytes: 0 }[unit];
  return `${value.toLocaleString("en-US", { minimumFractionDigits: digits, maximumFractionDigits: digits })} ${unit}`;
}
