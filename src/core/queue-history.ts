// The history and the consumers of a queue, as it answers them.

import type { EventCounts } from "./task-event.ts";

export type {
  WireConsumer as ConsumerView,
  WireHistory as HistoryView,
  WireHistoryPoint as HistoryPoint,
  WireQuantiles as Quantiles,
} from "../protocol/wire-history.ts";

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
