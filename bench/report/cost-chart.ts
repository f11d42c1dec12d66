// Dollars for a million tasks by profile, stacked by what they are for, beside what others charge.
import type { TopLevelSpec } from "vega-lite";
import { otherQueues } from "../cost/prices.ts";
import type { ProfileCost } from "../cost/run-cost.ts";
import { colours } from "./chart.ts";

const parts = ["rows written", "requests to the object", "requests to the Worker", "another queue"] as const;

export function costChart(costs: readonly ProfileCost[]): TopLevelSpec {
  const own = costs.flatMap(({ profile, dollars }) => [
    // Reading is a hundredth of it and would not be seen.
    { name: profile.name, part: parts[0], dollars: dollars.rowsWritten + dollars.rowsRead },
    { name: profile.name, part: parts[1], dollars: dollars.objectRequests },
    { name: profile.name, part: parts[2], dollars: dollars.workerRequests },
  ]);
  const others = otherQueues.map(({ name, dollarsPerMillionTasks }) => ({
    name,
    part: parts[3],
    dollars: dollarsPerMillionTasks,
  }));
  const values = [...others, ...own].map((bar) => ({ ...bar, place: parts.indexOf(bar.part) }));
  return {
    width: 520,
    height: { step: 19 },
    data: { values },
    mark: { type: "bar", height: 13 },
    encoding: {
      y: { field: "name", type: "nominal", sort: [...new Set(values.map(({ name }) => name))], title: null },
      x: { field: "dollars", type: "quantitative", title: "dollars for a million tasks" },
      color: {
        field: "part",
        type: "nominal",
        sort: [...parts],
        scale: { domain: [...parts], range: [colours.edgeq, "#fb923c", "#fed7aa", colours.peer] },
        legend: { title: null, orient: "top" },
      },
      order: { field: "place", type: "quantitative" },
    },
  };
}
