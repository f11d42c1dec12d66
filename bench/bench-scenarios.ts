// `npm run bench:scenarios`: questions that are no plain rate: scale by state, keys, overload, the default client.
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endWithServers } from "./measure/end-with-servers.ts";
import { machine } from "./measure/machine.ts";
import { namesOf, say } from "./measure/options.ts";
import { defaultClientScenario } from "./scenarios/default-client.ts";
import { keysScenario } from "./scenarios/keys.ts";
import { overloadScenario } from "./scenarios/overload.ts";
import { scenarioTables } from "./scenarios/scenario-tables.ts";
import { statesScenario } from "./scenarios/states.ts";
import type { ScenarioResult } from "./scenarios/scenario.ts";

const scenarios = [statesScenario, keysScenario, overloadScenario, defaultClientScenario];
const names = scenarios.map(({ name }) => name).join(", ");
const usage = `Options:
  --only a,b   only these of ${names}
  --quick      small and short, to see that all works
  --dir PATH   where data directories go; must be a real disk (default: the system's temporary directory)
  --json       machine-readable results on standard output, nothing else there
`;
const { values } = parseArgs({
  options: {
    only: { type: "string" },
    quick: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
if (values.help) process.stdout.write(usage);
else await runScenarios();

async function runScenarios(): Promise<void> {
  const only = namesOf(values.only);
  const wanted = scenarios.filter(({ name }) => only.length === 0 || only.includes(name));
  if (wanted.length === 0) throw new Error(`--only: expected some of ${names}, found ${values.only}`);
  endWithServers();
  const dir = mkdtempSync(join(values.dir, "edgeq-scenarios-"));
  // Servers that run as another user must reach their own directory below.
  chmodSync(dir, 0o755);
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const results: Record<string, ScenarioResult> = {};
  for (const scenario of wanted) {
    const { name } = scenario;
    say(`${name}:`);
    const place = join(dir, name);
    mkdirSync(place);
    results[name] = await scenario.run({ dir: place, isQuick: values.quick, say: (line) => say(`  ${line}`) });
  }
  if (values.json) process.stdout.write(`${JSON.stringify({ machine: machine(), results }, null, 2)}\n`);
  else
    for (const [name, result] of Object.entries(results))
      process.stdout.write(`\n## ${name}\n\n${scenarioTables(result)}`);
}
