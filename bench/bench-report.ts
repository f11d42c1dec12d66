// `npm run bench:report`: everything, once, on a quiet machine, and docs/benchmarks.md made from it.
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { fullRounds, quickRounds } from "./cost/count-profile.ts";
import { runCost } from "./cost/run-cost.ts";
import { endWithServers } from "./measure/end-with-servers.ts";
import { measureRates } from "./measure/measure-rates.ts";
import { allModules } from "./measure/modules.ts";
import { quickSettings, reportSettings } from "./measure/settings.ts";
import type { Measured } from "./report/measured.ts";
import { writeReport } from "./report/write-report.ts";
import { fullSizes, quickSizes } from "./scale/backlogs.ts";
import { defaultClientScenario } from "./scenarios/default-client.ts";
import { keysScenario } from "./scenarios/keys.ts";
import type { Scenario, ScenarioResult } from "./scenarios/scenario.ts";
import { runScale } from "./scale/run-scale.ts";

const parts = ["cost", "scale", "keys", "client", "rates"] as const;
const usage = `Options:
  --quick      short, to see that all works; not for figures to cite
  --part a,b   measures anew only these of ${parts.join(", ")}, takes the rest from the raw results; "none" only draws
  --out PATH   the folder of benchmarks.md and benchmarks/ (default: docs)
  --dir PATH   where data directories go; must be a real disk (default: the system's temporary directory)
`;
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    part: { type: "string", default: parts.join(",") },
    out: { type: "string", default: new URL("../docs", import.meta.url).pathname },
    dir: { type: "string", default: tmpdir() },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await report();

async function report(): Promise<void> {
  endWithServers();
  const { quick, out, dir } = values;
  const startedAt = performance.now();
  const say = (line: string): void =>
    void process.stderr.write(`${((performance.now() - startedAt) / 60_000).toFixed(1).padStart(4)} min  ${line}\n`);
  const wanted = values.part.split(",");
  const rawDir = join(out, "benchmarks");
  mkdirSync(rawDir, { recursive: true });
  // Each part is kept as soon as it is there: the others can be taken again.
  const part = async <Name extends keyof Measured>(
    name: Name,
    measure: () => Promise<Measured[Name]>,
  ): Promise<Measured[Name]> => {
    const file = join(rawDir, `${name}.json`);
    if (!wanted.includes(name)) return JSON.parse(readFileSync(file, "utf8")) as Measured[Name];
    const result = await measure();
    writeFileSync(file, `${JSON.stringify(result, null, 2)}\n`);
    return result;
  };
  const cost = await part("cost", () => runCost(quick ? quickRounds : fullRounds, [], say));
  const scale = await part("scale", () => runScale(quick ? quickSizes : fullSizes, dir, say));
  const resultOf = (scenario: Scenario): Promise<ScenarioResult> => {
    const place = mkdtempSync(join(dir, `edgeq-${scenario.name}-`));
    // Servers that run as another user must reach their own directory below.
    chmodSync(place, 0o755);
    process.once("exit", () => rmSync(place, { recursive: true, force: true }));
    return scenario.run({ dir: place, isQuick: quick, say });
  };
  const keys = await part("keys", () => resultOf(keysScenario));
  const client = await part("client", () => resultOf(defaultClientScenario));
  const settings = quick ? quickSettings : reportSettings;
  const order = { modules: allModules, only: [], base: "bullmq-fsync", settings, dir };
  const rates = await part("rates", () => measureRates(order, say));
  await writeReport({ rates, scale, cost, keys, client }, out);
  say(`written: ${join(out, "benchmarks.md")}`);
}
