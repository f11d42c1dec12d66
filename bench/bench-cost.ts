// `npm run bench:cost`: what a million tasks cost, counted.
import { parseArgs } from "node:util";
import { fullRounds, quickRounds } from "./cost/count-profile.ts";
import { costTables } from "./cost/cost-tables.ts";
import { runCost } from "./cost/run-cost.ts";
import { endWithServers } from "./measure/end-with-servers.ts";

const usage = `Options:
  --quick   1,000 tasks a profile instead of 4,200: the same, but for what happens once in minutes
  --only a,b  profiles whose name contains a or b
  --json    machine-readable results on standard output, nothing else there
`;
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    only: { type: "string" },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
endWithServers();
if (values.help) process.stdout.write(usage);
else {
  const only = (values.only ?? "").split(",").filter((name) => name !== "");
  const costs = await runCost(
    values.quick ? quickRounds : fullRounds,
    only,
    (line) => void process.stderr.write(`${line}\n`),
  );
  process.stdout.write(values.json ? `${JSON.stringify({ costs }, null, 2)}\n` : costTables(costs));
}
