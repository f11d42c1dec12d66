// Reports of a queue to the directory.

import type { WireReport } from "../protocol/wire-overview.ts";
import type { WireStats } from "../protocol/wire-queue.ts";

export type ReportedStats = Pick<WireStats, "ready" | "delayed" | "claimed" | "dead" | "oldestReadyAgeMs">;

/** What may be wrong with a queue, the least grave first. */
export const TROUBLES = [
  "limited-keys",
  "parked-messages",
  "falling-behind",
  "failing",
  "nobody-listening",
  "deaths",
  "over-budget",
] as const;
export type Trouble = (typeof TROUBLES)[number];

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
  // Absent from the reports of earlier versions, whose objects run on for a while after a deploy:
  readonly deadLetterQueue?: string | null;
  /** It has used up its budget. */
  readonly isOverBudget?: boolean;
  /** Keys with ready tasks that wait for another task of theirs to end. */
  readonly limitedKeys?: number;
  /** Tasks that came and went, a minute. */
  readonly inPerMinute?: number;
  readonly outPerMinute?: number;
  /** Attempts that failed or ran out, and that were acked, a minute. */
  readonly failedPerMinute?: number;
  readonly ackedPerMinute?: number;
  /** How often tasks waited and ran for how long, since this instance woke; see `durationsOf`. */
  readonly durations?: Readonly<Record<string, number>>;
}

/** A queue of the overview. */
export interface ReportedQueue {
  readonly name: string;
  readonly createdAt: number;
  /** null: it has not reported since it was made. */
  readonly report:
    | (Required<Omit<WireReport, "trouble">> &
        Pick<QueueReport, "totals"> & {
          /** When the report of the last deaths came; null: none has died. */
          readonly lastDeathAt: number | null;
          /** The gravest first. */
          readonly trouble: readonly Trouble[];
          readonly durations: Readonly<Record<string, number>>;
        })
    | null;
}

/** Where a page begins: after this queue. In the order of trouble, `weight` is that of the queue; 0: it had none. */
export interface OverviewPlace {
  readonly weight: number;
  readonly name: string;
}

export interface OverviewPage {
  readonly queues: ReportedQueue[];
  /** Names that were looked at for it: at most LIMITS.pageScan, so that a page may be short. */
  readonly lookedAt: number;
  /** Where the next page begins; null: there is none. */
  readonly last: OverviewPlace | null;
}
