// One workload measured once on one subject, and the percentiles of its operations.

export interface Measurement {
  readonly workload: string;
  /** Calls made: a batch of 100 tasks is one operation. */
  readonly operations: number;
  readonly tasks: number;
  readonly elapsedMs: number;
  /** Of each operation; what an operation is, is said with the workload in the README. */
  readonly latency: Percentiles;
  /** What a reader must know of this figure, such as repeated deliveries. */
  readonly note?: string;
}

export interface Percentiles {
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Nearest-rank percentiles of a non-empty list; zeros for an empty one. */
export function percentilesOf(latenciesMs: readonly number[]): Percentiles {
  const sorted = Float64Array.from(latenciesMs).sort();
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), maxMs: at(1) };
}
