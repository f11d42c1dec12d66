// The goals of scale: what a million tasks may cost beside a thousand.
import { inWords, type Layout } from "../scale/backlogs.ts";
import type { ScaleResult } from "../scale/run-scale.ts";
import { operations } from "../scale/time-operations.ts";
import { inMs, type Goal } from "./goal.ts";

const layouts: readonly Layout[] = ["run", "row", "index"];

const find = <Of extends { readonly backlog: { readonly queue: string } }>(
  of: readonly Of[],
  layout: Layout,
  ready: number,
) => of.find(({ backlog }) => backlog.queue === `${layout}-${ready}`);
const count = (tasks: number): string => tasks.toLocaleString("en-US");
const mebibytes = (bytes: number): string => (bytes / 1_048_576).toFixed(2);

export function scaleGoals({ sizes, operations: costs, wakes }: ScaleResult): Goal[] {
  const least = sizes.ready.at(0) ?? 0;
  const most = sizes.ready.at(-1) ?? 0;
  const times = layouts.flatMap((layout) =>
    operations.flatMap((operation): Goal[] => {
      const few = find(costs, layout, least)?.costs[operation].latency.p50Ms;
      const many = find(costs, layout, most)?.costs[operation].latency.p50Ms;
      if (few === undefined || many === undefined) return [];
      const what = `${operation} at ${count(most)}, ${inWords[layout]}`;
      const figures = `${inMs(many)} of ${inMs(few)}`;
      return [{ what, beside: `at ${count(least)}`, figures, reached: many / few, wanted: { atMost: 1.2 } }];
    }),
  );
  const wakeUps = layouts.flatMap((layout): Goal[] => {
    const wake = find(wakes, layout, most);
    if (wake === undefined) return [];
    const what = `wake-up with ${count(most)}, ${inWords[layout]}`;
    const figures = `${inMs(wake.wakeMs)} of ${inMs(wake.emptyWakeMs)}`;
    return [
      { what, beside: "an empty queue", figures, reached: wake.wakeMs / wake.emptyWakeMs, wanted: { atMost: 2 } },
    ];
  });
  const memory = layouts.flatMap((layout): Goal[] => {
    const wake = find(wakes, layout, most);
    const base = find(wakes, layout, least);
    if (wake === undefined || base === undefined) return [];
    const what = `heap of workerd with ${count(most)}, ${inWords[layout]}`;
    const figures = `${mebibytes(wake.total.heapBytes)} of ${mebibytes(base.total.heapBytes)} MiB`;
    const reached = wake.total.heapBytes / base.total.heapBytes;
    return [{ what, beside: `with ${count(least)}`, figures, reached, wanted: { atMost: 1.2 } }];
  });
  return [...times, ...wakeUps, ...memory];
}
