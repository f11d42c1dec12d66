// A queue's history as the columns of charts.

import type { WireHistory, WireHistoryPoint } from "../../protocol/wire-history.ts";

const MINUTE_MS = 60_000;

/** Instants in seconds, then the values of each line; null: nothing to show there. */
export type Columns = readonly (readonly (number | null)[])[];

export interface HistoryColumns {
  /** Tasks a minute that came, and that were acked. */
  readonly throughput: Columns;
  /** Tasks a minute. */
  readonly failures: Columns;
  readonly backlog: Columns;
  /** Seconds. */
  readonly wait: Columns;
  readonly run: Columns;
}

/** A queue as it is at present. */
export interface Present {
  /** A young queue is drawn from its beginning on, rather than at the edge of an hour of nothing. */
  readonly createdAt: number;
  readonly waiting: number;
  readonly dead: number;
}

/**
 * Steps in which nothing happened are drawn as what they are: nothing came, and the backlog stood still. So where its history says
 * nothing of it, as after a sleep, it has been since the last step what it is now.
 */
export function columnsOf({ from, to, stepMs, points }: WireHistory, present: Present): HistoryColumns {
  const steps: (WireHistoryPoint | null)[] = [];
  const instants: number[] = [];
  const known = new Map(points.map((point) => [point.at, point]));
  let covered = 0;
  const first = Math.min(to - stepMs, Math.max(from, Math.min(present.createdAt, points[0]?.at ?? Infinity)));
  for (let at = first - (first % stepMs); at < to; at += stepMs) {
    const point = known.get(at) ?? null;
    if (point === null && at < covered) continue;
    if (point !== null) covered = at + point.ms;
    instants.push(at / 1_000);
    steps.push(point);
  }
  const line = (value: (point: WireHistoryPoint) => number | null, empty: number | null): (number | null)[] =>
    steps.map((point) => (point === null ? empty : value(point)));
  const perMinute = (count: (events: WireHistoryPoint["events"]) => number): (number | null)[] =>
    line(({ events, ms }) => (count(events) * MINUTE_MS) / ms, 0);
  return {
    throughput: [instants, perMinute(({ enqueued, received }) => enqueued + received), perMinute(({ acked }) => acked)],
    failures: [
      instants,
      perMinute(({ failed }) => failed),
      perMinute(({ expired }) => expired),
      perMinute(({ died }) => died),
    ],
    backlog: [
      instants,
      endingAt(steady(line(({ backlog }) => backlog, null)), present.waiting),
      endingAt(steady(line(({ dead }) => dead, null)), present.dead),
    ],
    wait: [
      instants,
      line(({ waitMs }) => seconds(waitMs?.p50), null),
      line(({ waitMs }) => seconds(waitMs?.p95), null),
    ],
    run: [instants, line(({ runMs }) => seconds(runMs?.p50), null), line(({ runMs }) => seconds(runMs?.p95), null)],
  };
}

/** Attempts that failed or ran out, and that were acked, in the last minute or step of a history. */
export function lastMinute(history: WireHistory | null): { readonly failed: number; readonly acked: number } {
  if (history === null) return { failed: 0, acked: 0 };
  const spanMs = Math.max(MINUTE_MS, history.stepMs);
  const recent = history.points.filter(({ at }) => at > history.to - spanMs);
  const perMinute = (of: (events: WireHistoryPoint["events"]) => number): number =>
    Math.round((recent.reduce((sum, { events }) => sum + of(events), 0) * MINUTE_MS) / spanMs);
  return {
    failed: perMinute(({ failed, expired, died }) => failed + expired + died),
    acked: perMinute(({ acked }) => acked),
  };
}

/** The last value is the present one. A line of nothing else is drawn whole, so that there is something to read it by. */
function endingAt(values: readonly (number | null)[], present: number): (number | null)[] {
  const isUnknown = values.every((value) => value === null);
  return values.map((value, at) => (isUnknown || at === values.length - 1 ? present : value));
}

function seconds(ms: number | undefined): number | null {
  return ms === undefined ? null : ms / 1_000;
}

function steady(values: readonly (number | null)[]): (number | null)[] {
  let last: number | null = null;
  return values.map((value) => {
    last = value ?? last;
    return last;
  });
}
