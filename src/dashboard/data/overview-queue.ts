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
