// Curves of scale: calls, wake-ups and memory against the backlog, and throughput against the consumers.
import type { TopLevelSpec } from "vega-lite";
import { inWords } from "../scale/backlogs.ts";
import type { ScaleResult } from "../scale/run-scale.ts";
import { operations } from "../scale/time-operations.ts";
import { colours } from "./chart.ts";

const threeColours = [colours.edgeq, colours.second, colours.third];
const backlogAxis = {
  field: "ready",
  type: "quantitative",
  scale: { type: "log" },
  title: "tasks ready",
  axis: { format: "~s", tickCount: 4 },
} as const;
const layoutColour = {
  field: "stored",
  type: "nominal",
  title: "stored",
  scale: { range: threeColours },
  legend: { orient: "top" },
} as const;

/** Backlogs that differ in their length alone. */
const isCurve = ({ backlog }: { readonly backlog: { readonly inFlight: number; readonly delayed: number } }): boolean =>
  backlog.inFlight === 0 && backlog.delayed === 0;

export function operationsChart({ operations: costs }: ScaleResult): TopLevelSpec {
  const values = costs.filter(isCurve).flatMap(({ backlog, costs: of }) =>
    operations.map((operation) => ({
      ready: backlog.ready,
      stored: inWords[backlog.layout],
      operation,
      p50: of[operation].latency.p50Ms,
    })),
  );
  return {
    data: { values },
    facet: { field: "operation", type: "nominal", title: null, sort: [...operations] },
    ...againstBacklog("p50", "ms, p50"),
  };
}

/** A panel each, of a figure against the backlog, a line for each way in which tasks are stored. */
function againstBacklog(field: string, title: string | null) {
  return {
    columns: 3,
    spec: {
      width: 200,
      height: 150,
      mark: { type: "line", point: true },
      encoding: {
        x: backlogAxis,
        y: { field, type: "quantitative", title, scale: { zero: true } },
        color: layoutColour,
      },
    },
    resolve: { scale: { y: "independent" } },
  } as const;
}

export function wakesChart({ wakes }: ScaleResult): TopLevelSpec {
  const curve = wakes.filter(isCurve);
  const series = curve.flatMap(({ backlog, ...wake }) => {
    const base = { ready: backlog.ready, stored: inWords[backlog.layout] };
    return [
      { ...base, panel: "waking up, times an empty queue's", value: wake.wakeMs / wake.emptyWakeMs },
      { ...base, panel: "V8 heap of workerd, MiB", value: wake.total.heapBytes / 1_048_576 },
      { ...base, panel: "resident memory of workerd, MiB", value: wake.total.residentBytes / 1_048_576 },
    ];
  });
  return {
    data: { values: series },
    facet: { field: "panel", type: "nominal", title: null },
    ...againstBacklog("value", null),
  };
}

export function consumersChart({ consumers }: ScaleResult): TopLevelSpec {
  const values = consumers.flatMap(({ way, consumers: count, tasksPerSecond, delivery }) => [
    { way, count, panel: "tasks a second, one at a time each", value: tasksPerSecond },
    { way, count, panel: "delivery to one of them, all idle: p50 ms", value: delivery.p50Ms },
  ]);
  return {
    data: { values },
    facet: { field: "panel", type: "nominal", title: null, sort: "descending" },
    columns: 2,
    spec: {
      width: 310,
      height: 180,
      mark: { type: "line", point: true },
      encoding: {
        x: { field: "count", type: "quantitative", scale: { type: "log", base: 2 }, title: "consumers" },
        y: { field: "value", type: "quantitative", title: null, scale: { zero: true } },
        color: {
          field: "way",
          type: "nominal",
          title: "over",
          scale: { range: threeColours },
          legend: { orient: "top" },
        },
      },
    },
    resolve: { scale: { y: "independent" } },
  };
}
