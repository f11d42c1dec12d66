// The command line that every bench of this package shares: which subjects, how long, how printed.
import { tmpdir } from "node:os";
import { statfsSync } from "node:fs";
import { parseArgs } from "node:util";
import { goalsTable } from "../goals/goal.ts";
import { rateGoals } from "../goals/rate-goals.ts";
import { measureRates } from "./measure-rates.ts";
import { namesOf, say, wholeOf } from "./options.ts";
import { printTables } from "./print-tables.ts";
import { fullSettings, quickSettings, type Settings } from "./settings.ts";

const usage = `Options:
  --quick              one short round, to see that all works
  --rounds N           rounds, interleaved (default 5, quick 1)
  --only a,b           subjects whose name contains a or b
  --workload a,b       workloads whose name contains the words a or b
  --base NAME          the subject that ratios are taken of (default: the first measured)
  --payload N          payload bytes (default 100)
  --dir PATH           where data directories go; must be a real disk (default: the system's temporary directory)
  --json               machine-readable results on standard output, nothing else there
`;

/** Runs the named modules' subjects as the command line says and prints. `defaultBase` may be absent from the run. */
export async function benchCommand(modules: readonly string[], defaultBase: string): Promise<void> {
  const { values } = parseArgs({
    options: {
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      only: { type: "string" },
      workload: { type: "string" },
      base: { type: "string", default: defaultBase },
      payload: { type: "string" },
      dir: { type: "string", default: tmpdir() },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
    },
  });
  if (values.help) return void process.stdout.write(usage);
  const preset = values.quick ? quickSettings : fullSettings;
  const settings: Settings = {
    ...preset,
    rounds: wholeOf("rounds", values.rounds, preset.rounds, 1, 100),
    payloadBytes: wholeOf("payload", values.payload, preset.payloadBytes, 40, 60_000),
    workloads: namesOf(values.workload),
  };
  if (isInMemory(values.dir)) say(`warning: ${values.dir} is in memory, where fsync costs nothing; use --dir`);
  const order = { modules, only: namesOf(values.only), base: values.base, settings, dir: values.dir };
  const rates = await measureRates(order, say);
  const goals = rateGoals(rates.rows);
  if (values.json) {
    process.stdout.write(`${JSON.stringify({ ...rates, goals }, null, 2)}\n`);
    return;
  }
  const { machine, rows, results, base } = rates;
  const head = `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}, ${settings.rounds} rounds`;
  process.stdout.write(`\n${head}\n\n${printTables(results, rows, base)}`);
  if (goals.length > 0) process.stdout.write(`\n### goals\n\n${goalsTable(goals)}\n`);
}

/** Whether a directory is on tmpfs or ramfs (their magic numbers, from statfs(2)). */
const isInMemory = (dir: string): boolean => [0x01021994, 0x858458f6].includes(statfsSync(dir).type);
