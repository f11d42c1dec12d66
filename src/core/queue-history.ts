// What a queue answers when it is asked what has happened, and who works on it.

import type { EventCounts } from "./task-event.ts";

export interface HistoryInput {
  /** Instants; absent: an hour before `to`, and now. */
  readonly from?: number;
  readonly to?: number;
  /** FINE_STEP_MS, or whole minutes. */
  readonly stepMs: number;
}

/** Durations, ms. */
export interface Quantiles {
  readonly p50: number;
  readonly p95: number;
}

interface Happened {
  readonly events: EventCounts;
  /** From ready to claimed; null: none was claimed. */
  readonly waitMs: Quantiles | null;
  /** From claimed to acked; null: none was acked whose claim is known. */
  readonly runMs: Quantiles | null;
}

export interface HistoryPoint extends Happened {
  readonly at: number;
  /** How long it stands for. */
  readonly ms: number;
  /** Tasks ready and delayed at its end; null: not counted. */
  readonly backlog: number | null;
  readonly dead: number | null;
}

export interface HistoryView {
  readonly from: number;
  readonly to: number;
  readonly stepMs: number;
  readonly points: readonly HistoryPoint[];
  readonly total: Happened;
  /** null: all lanes that are not told apart. */
  readonly lanes: readonly { readonly lane: string | null; readonly events: EventCounts }[];
}

export interface Durations {
  readonly times: number;
  /** ms; null: there were none. */
  readonly p50: number | null;
  readonly p95: number | null;
}

/** What happened in a minute, or in what of it was not closed before: the parts of a minute add up. */
export interface ClosedMinute {
  /** Where the minute begins. */
  readonly at: number;
  readonly events: EventCounts;
  /** At its end; null: not counted. */
  readonly backlog: number | null;
  readonly dead: number | null;
  readonly wait: Durations;
  readonly run: Durations;
}

export interface ConsumerView {
  /** null: claims without a name. */
  readonly claimant: string | null;
  /** Its first claim since the queue's object woke, or the oldest that it still holds; null: it only waits so far. */
  readonly sinceAt: number | null;
  readonly lastSeenAt: number;
  readonly claims: number;
  /** Long polls and sockets of it that stand in line. */
  readonly waiting: number;
  /** Since the queue's object woke. */
  readonly acked: number;
  readonly failed: number;
  /** In the last minute, to ten seconds. */
  readonly ackedPerMinute: number;
  readonly failedPerMinute: number;
}
