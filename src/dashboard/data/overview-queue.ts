// A queue as it last reported, as the overview answers it.

export interface OverviewReport {
  readonly ageMs: number;
  readonly paused: boolean;
  readonly maxInFlight: number;
  readonly maxBacklog: number | null;
  readonly deadLetterQueue: string | null;
  readonly consumers: number;
  readonly parked: number;
  readonly limitedKeys: number | null;
  readonly inPerMinute: number | null;
  readonly outPerMinute: number | null;
  // Absent from a server of an earlier version:
  readonly failedPerMinute?: number | null;
  readonly ackedPerMinute?: number | null;
  readonly trouble: readonly string[];
  /** null: not counted since the queue woke. */
  readonly stats: {
    readonly ready: number;
    readonly delayed: number;
    readonly claimed: number;
    readonly dead: number;
    readonly oldestReadyAgeMs: number | null;
  } | null;
}

export interface OverviewQueue {
  readonly name: string;
  readonly createdAt: number;
  /** null: it has not reported yet. */
  readonly report: OverviewReport | null;
}

/** A queue that has not reported for so long has had no turn in which something happened. ms. */
const RATE_MS = 60_000;

/** The same some time later, if nothing has happened: what waits has waited longer. */
export function aged(queue: OverviewQueue, ms: number): OverviewQueue {
  const { report } = queue;
  if (report === null || ms <= 0) return queue;
  const ageMs = report.ageMs + ms;
  const { inPerMinute, outPerMinute, stats } = report;
  const rates =
    ageMs > RATE_MS && inPerMinute !== null ? { inPerMinute: 0, outPerMinute: 0 } : { inPerMinute, outPerMinute };
  const waitedMs = stats?.oldestReadyAgeMs ?? null;
  const later = stats === null || waitedMs === null ? stats : { ...stats, oldestReadyAgeMs: waitedMs + ms };
  return { ...queue, report: { ...report, ...rates, ageMs, stats: later } };
}
