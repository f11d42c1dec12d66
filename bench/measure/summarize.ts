// Medians over the rounds, and the ratio of each subject to a chosen base, workload by workload.
import type { Percentiles } from "./measurement.ts";
import type { SubjectResult } from "./run-rounds.ts";

export interface SummaryRow {
  readonly workload: string;
  readonly subject: string;
  readonly tasksPerSecond: number;
  readonly lowest: number;
  readonly highest: number;
  readonly latency: Percentiles;
  /** Throughput beside the base's; for the delivery workload, the p50 beside the base's. Null without a base. */
  readonly ratio: number | null;
  readonly notes: readonly string[];
}

/** Workloads whose rate is set by the bench's own pauses: only their latency means anything. */
export const latencyOnly = (workload: string): boolean => workload === "delivery" || workload.endsWith("round trip");

export function summarize(results: readonly SubjectResult[], base: string | null): SummaryRow[] {
  return workloadsOf(results).flatMap((workload) => {
    const rows = results.flatMap((result) => rowOf(result, workload));
    const baseRow = rows.find((row) => row.subject === base);
    return rows.map((row) => ({ ...row, ratio: baseRow === undefined ? null : ratioOf(row, baseRow) }));
  });
}

/** In the order they were run; the subject with the most goes first, so that none is out of place. */
function workloadsOf(results: readonly SubjectResult[]): string[] {
  const lists = results.map(({ rounds }) => [...new Set(rounds.flat().map(({ workload }) => workload))]);
  return [...new Set(lists.sort((a, b) => b.length - a.length).flat())];
}

function ratioOf(row: SummaryRow, base: SummaryRow): number {
  if (latencyOnly(row.workload)) return row.latency.p50Ms / base.latency.p50Ms;
  return row.tasksPerSecond / base.tasksPerSecond;
}

function rowOf(result: SubjectResult, workload: string): SummaryRow[] {
  const measured = result.rounds.flat().filter((measurement) => measurement.workload === workload);
  if (measured.length === 0) return [];
  const rates = measured.map(({ tasks, elapsedMs }) => (tasks / elapsedMs) * 1000);
  const medianOf = (key: keyof Percentiles): number => median(measured.map(({ latency }) => latency[key]));
  return [
    {
      workload,
      subject: result.name,
      tasksPerSecond: median(rates),
      lowest: Math.min(...rates),
      highest: Math.max(...rates),
      latency: {
        p50Ms: medianOf("p50Ms"),
        p95Ms: medianOf("p95Ms"),
        p99Ms: medianOf("p99Ms"),
        maxMs: medianOf("maxMs"),
      },
      ratio: null,
      notes: [...new Set(measured.flatMap(({ note }) => note ?? []))],
    },
  ];
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? 0;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? 0)) / 2;
}
