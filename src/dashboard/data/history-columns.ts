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

/** Steps in which nothing happened are drawn as what they are: nothing came, and the backlog stood still. */
export function columnsOf({ from, to, stepMs, points }: WireHistory): HistoryColumns {
  const steps: (WireHistoryPoint | null)[] = [];
  const instants: number[] = [];
  const known = new Map(points.map((point) => [point.at, point]));
  let covered = 0;
  for (let at = from - (from % stepMs); at < to; at += stepMs) {
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
    backlog: [instants, steady(line(({ backlog }) => backlog, null)), steady(line(({ dead }) => dead, null))],
    wait: [
      instants,
      line(({ waitMs }) => seconds(waitMs?.p50), null),
      line(({ waitMs }) => seconds(waitMs?.p95), null),
    ],
    run: [instants, line(({ runMs }) => seconds(runMs?.p50), null), line(({ runMs }) => seconds(runMs?.p95), null)],
  };
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
