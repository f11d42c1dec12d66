// The counts of a queue in Cloudflare's words.

import type { Stats } from "../core/operation.ts";

export interface BacklogMetrics {
  /** Messages not acked, claimed ones included. */
  readonly backlogCount: number;
  /** The size of the queue's database: an upper bound of what the messages take. 0 when there is none. */
  readonly backlogBytes: number;
  /** Since when the oldest deliverable message has been so; absent when there is none. */
  readonly oldestMessageTimestamp?: Date;
}

export function backlogMetrics(
  { ready, delayed, claimed, bytes, oldestReadyAgeMs }: Stats,
  now: number,
): BacklogMetrics {
  const backlogCount = ready + delayed + claimed;
  return {
    backlogCount,
    backlogBytes: backlogCount === 0 ? 0 : bytes,
    ...(oldestReadyAgeMs === null ? {} : { oldestMessageTimestamp: new Date(now - oldestReadyAgeMs) }),
  };
}
