// Speed beside the peers: a panel for each workload, the fastest first; and the time to delivery.
import type { TopLevelSpec } from "vega-lite";
import type { SummaryRow } from "../measure/summarize.ts";
import { colours } from "./chart.ts";
import { keepsNothing } from "../measure/keeps-nothing.ts";

/** The floor has workloads of its own and no place beside queues. */
const isQueue = ({ subject }: SummaryRow): boolean => subject !== "workerd" && subject !== "sqlite";

const kinds = ["edgeq", "peer, durable", "peer, not durable"] as const;
const kindOf = (subject: string): (typeof kinds)[number] => {
  if (subject.startsWith("edgeq-")) return "edgeq";
  return keepsNothing(subject) ? "peer, not durable" : "peer, durable";
};
const kindColour = {
  field: "kind",
  type: "nominal",
  scale: { domain: [...kinds], range: [colours.edgeq, colours.peer, colours.memory] },
  legend: { title: null, orient: "top" },
} as const;

export function throughputChart(rows: readonly SummaryRow[], workloads: readonly string[]): TopLevelSpec {
  const values = rows
    .filter((row) => isQueue(row) && workloads.includes(row.workload))
    .map((row) => ({
      workload: row.workload,
      subject: row.subject,
      kind: kindOf(row.subject),
      rate: row.tasksPerSecond,
      lowest: row.lowest,
      highest: row.highest,
      label: Math.round(row.tasksPerSecond).toLocaleString("en-US"),
    }));
  const bars = {
    y: { field: "subject", type: "nominal", sort: { field: "rate", op: "max", order: "descending" }, title: null },
    color: kindColour,
  } as const;
  return {
    data: { values },
    facet: { field: "workload", type: "nominal", title: null, sort: [...workloads] },
    columns: 2,
    spacing: { row: 24, column: 36 },
    spec: {
      width: 300,
      height: { step: 18 },
      layer: [
        {
          mark: { type: "bar", height: 13 },
          encoding: { ...bars, x: { field: "rate", type: "quantitative", title: "tasks a second" } },
        },
        {
          mark: { type: "rule", color: "#111827" },
          encoding: { y: bars.y, x: { field: "lowest", type: "quantitative" }, x2: { field: "highest" } },
        },
        {
          mark: { type: "text", align: "left", dx: 4, fontSize: 10 },
          encoding: {
            y: bars.y,
            x: { field: "highest", type: "quantitative" },
            text: { field: "label", type: "nominal" },
          },
        },
      ],
    },
    resolve: { scale: { x: "independent", y: "independent" } },
  };
}

export function deliveryChart(rows: readonly SummaryRow[]): TopLevelSpec {
  const values = rows
    .filter((row) => isQueue(row) && row.workload === "delivery")
    .map(({ subject, latency }) => ({ subject, kind: kindOf(subject), ...latency }));
  const y = {
    field: "subject",
    type: "nominal",
    sort: { field: "p50Ms", op: "min", order: "ascending" },
    title: null,
  } as const;
  const x = {
    type: "quantitative",
    scale: { type: "log" },
    title: "ms from enqueue to a waiting consumer: p50 (dot) to p99",
  } as const;
  return {
    width: 620,
    height: { step: 20 },
    data: { values },
    layer: [
      {
        mark: { type: "rule", strokeWidth: 3 },
        encoding: { y, color: kindColour, x: { ...x, field: "p50Ms" }, x2: { field: "p99Ms" } },
      },
      {
        mark: { type: "point", filled: true, size: 70, opacity: 1 },
        encoding: { y, color: kindColour, x: { ...x, field: "p50Ms" } },
      },
    ],
  };
}
