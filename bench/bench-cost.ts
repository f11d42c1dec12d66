// `npm run bench:cost`: what a million tasks cost, counted.
import { parseArgs } from "node:util";
import { costTables } from "./cost/cost-tables.ts";
import { runCost } from "./cost/run-cost.ts";
import { stopAllServers } from "./measure/start-server.ts";

const usage = `Options:
  --quick   2,500 tasks a profile instead of 12,500: the same but for the rarest alarms
  --json    machine-readable results on standard output, nothing else there
`;
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
for (const signal of ["SIGINT", "SIGTERM"] as const) {
  process.once(signal, () => void stopAllServers().then(() => process.exit(130)));
}
if (values.help) process.stdout.write(usage);
else {
  // 125 rounds are 18 minutes of a million a day: whole numbers of claim timeouts and of housekeeping intervals.
  const costs = await runCost(values.quick ? 25 : 125, (line) => void process.stderr.write(`${line}\n`));
  process.stdout.write(values.json ? `${JSON.stringify({ costs }, null, 2)}\n` : costTables(costs));
}
