// A queue as it last reported, as the overview answers it.

import type { WireStats } from "./wire-queue.ts";

export interface WireReport {
  readonly ageMs: number;
  readonly paused: boolean;
  readonly maxInFlight: number;
  readonly maxBacklog: number | null;
  readonly deadLetterQueue: string | null;
  readonly consumers: number;
  readonly parked: number;
  readonly limitedKeys: number | null;
  /** null: not known. */
  readonly inPerMinute: number | null;
  readonly outPerMinute: number | null;
  // Absent from a server of an earlier version:
  readonly failedPerMinute?: number | null;
  readonly ackedPerMinute?: number | null;
  /** The gravest first. */
  readonly trouble: readonly string[];
  /** null: not counted since the queue woke. */
  readonly stats: Pick<WireStats, "ready" | "delayed" | "claimed" | "dead" | "oldestReadyAgeMs"> | null;
}

export interface WireOverviewed {
  readonly name: string;
  readonly createdAt: number;
  /** null: it has not reported yet. */
  readonly report: WireReport | null;
}
