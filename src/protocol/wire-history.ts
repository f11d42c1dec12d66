// The history of a queue's tasks, and its consumers, as they travel in JSON. Counts of tasks; instants and durations in ms.

/** How many tasks each happened to. */
export interface WireEvents {
  readonly enqueued: number;
  /** From other queues: dead letters, redriven tasks, inserts of a modify. */
  readonly received: number;
  readonly claimed: number;
  readonly acked: number;
  readonly cancelled: number;
  /** To a dead-letter queue, or back by a redrive. */
  readonly moved: number;
  /** By their TTL or the queue's retention. */
  readonly removed: number;
  readonly failed: number;
  /** Of claims that ran out. */
  readonly expired: number;
  readonly snoozed: number;
  readonly died: number;
  readonly redriven: number;
}

export interface WireQuantiles {
  readonly p50: number;
  readonly p95: number;
}

interface WireHappened {
  readonly events: WireEvents;
  /** From ready to claimed; null: none was claimed. */
  readonly waitMs: WireQuantiles | null;
  /** From claimed to acked; null: none was acked whose claim is known. */
  readonly runMs: WireQuantiles | null;
}

export interface WireHistoryPoint extends WireHappened {
  readonly at: number;
  /** How long it stands for. */
  readonly ms: number;
  /** Tasks ready and delayed at its end; null: not counted. */
  readonly backlog: number | null;
  readonly dead: number | null;
}

export interface WireHistory {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  /** In their order; steps in which nothing happened are left out. */
  readonly points: readonly WireHistoryPoint[];
  /** All points together. */
  readonly total: WireHappened;
  /** The busiest lanes; null: the rest. */
  readonly lanes: readonly { readonly lane: string | null; readonly events: WireEvents }[];
}

export interface WireConsumer {
  /** null: claims without a name. */
  readonly claimant: string | null;
  /** Its first claim since the queue's object woke, or the oldest that it still holds; null: it only waits so far. */
  readonly sinceAt: number | null;
  readonly lastSeenAt: number;
  /** Tasks that it holds now. */
  readonly claims: number;
  /** Its long polls and sockets that wait for tasks. */
  readonly waiting: number;
  /** Since the queue's object woke. */
  readonly acked: number;
  readonly failed: number;
  /** In the last minute, to ten seconds. */
  readonly ackedPerMinute: number;
  readonly failedPerMinute: number;
}
