// Writes the document, its pictures and the raw results.
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TopLevelSpec } from "vega-lite";
import { chartSvg } from "./chart.ts";
import { costChart } from "./cost-chart.ts";
import { documentOf } from "./document.ts";
import type { Measured } from "./measured.ts";
import { deliveryChart, throughputChart } from "./rate-charts.ts";
import { consumersChart, operationsChart, wakesChart } from "./scale-charts.ts";

export async function writeReport(measured: Measured, docsDir: string): Promise<void> {
  const { rates, scale, cost } = measured;
  const charts: Readonly<Record<string, TopLevelSpec>> = {
    singles: throughputChart(rates.rows, ["enqueue 1", "claim+ack 1", "full life 1"]),
    hundreds: throughputChart(rates.rows, ["enqueue 100", "claim+ack 100", "full life 100"]),
    delivery: deliveryChart(rates.rows),
    operations: operationsChart(scale),
    wakes: wakesChart(scale),
    consumers: consumersChart(scale),
    cost: costChart(cost),
  };
  const picturesDir = join(docsDir, "benchmarks");
  mkdirSync(picturesDir, { recursive: true });
  for (const [name, spec] of Object.entries(charts))
    writeFileSync(join(picturesDir, `${name}.svg`), await chartSvg(spec));
  writeFileSync(join(docsDir, "benchmarks.md"), documentOf(measured));
}
