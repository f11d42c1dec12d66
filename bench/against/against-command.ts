// `npm run bench -- --against REF`: another commit beside this tree, in the same run.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { endWithServers } from "../measure/end-with-servers.ts";
import { machine } from "../measure/machine.ts";
import { namesOf, say, wholeOf } from "../measure/options.ts";
import { fullSettings, quickSettings, type Settings } from "../measure/settings.ts";
import { againstTables, comparisonsOf } from "./against-tables.ts";
import { otherCheckout, ownCheckout } from "./checkout.ts";
import { runAgainst } from "./run-against.ts";

const usage = `Options:
  --against REF        the commit to measure beside this tree: a hash, a branch, HEAD~3
  --quick              one short round, to see that all works
  --rounds N           rounds (default 5, quick 1)
  --workload a,b       only what has the words a or b in its name: "enqueue 1", "over socket", delivery, wake-up, rows
  --payload N          payload bytes (default 100)
  --dir PATH           where data directories go; must be a real disk (default: the system's temporary directory)
  --json               machine-readable results on standard output, nothing else there
`;

export async function againstCommand(): Promise<void> {
  const { values } = parseArgs({
    options: {
      against: { type: "string", default: "" },
      quick: { type: "boolean", default: false },
      rounds: { type: "string" },
      workload: { type: "string" },
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
    measureMs: values.quick ? 500 : 2_000,
    deliveries: values.quick ? 30 : 300,
  };
  endWithServers();
  const dir = mkdtempSync(join(values.dir, "edgeq-bench-"));
  process.once("exit", () => rmSync(dir, { recursive: true, force: true }));
  const checkouts = [await ownCheckout(join(dir, "own")), otherCheckout(values.against, values.dir, say)] as const;
  const result = await runAgainst(checkouts, settings, dir, say);
  if (values.json) {
    const comparisons = comparisonsOf(result);
    process.stdout.write(`${JSON.stringify({ machine: machine(), settings, comparisons, ...result }, null, 2)}\n`);
  } else process.stdout.write(`\n${settings.rounds} rounds\n\n${againstTables(result)}`);
}
