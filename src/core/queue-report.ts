// What a queue says of itself to the directory.

export interface ReportedStats {
  readonly ready: number;
  readonly delayed: number;
  readonly claimed: number;
  readonly dead: number;
  /** null: none was ready. */
  readonly oldestReadyAgeMs: number | null;
}

export interface QueueReport {
  /** The instance of the queue that reports, and the number of its report. */
  readonly life: string;
  readonly number: number;
  readonly createdAt: number;
  readonly paused: boolean;
  readonly maxInFlight: number;
  readonly maxBacklog: number | null;
  /** Consumers standing in line for tasks. */
  readonly consumers: number;
  /** Outbox messages that are parked. */
  readonly parked: number;
  /** null: not counted since the queue woke. */
  readonly stats: ReportedStats | null;
  /** Tasks by what happened to them, since this instance woke. */
  readonly totals: Readonly<Record<string, number>>;
}

/** A queue of the overview. */
export interface ReportedQueue {
  readonly name: string;
  readonly createdAt: number;
  /** null: it has not reported since it was made. */
  readonly report:
    | (Pick<QueueReport, "paused" | "maxInFlight" | "maxBacklog" | "consumers" | "parked" | "stats" | "totals"> & {
        readonly ageMs: number;
      })
    | null;
}
