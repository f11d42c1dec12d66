// `npm run bench:scale`: what a long backlog, many claims, many queues and many consumers change.
import { tmpdir } from "node:os";
import { parseArgs } from "node:util";
import { endWithServers } from "./measure/end-with-servers.ts";
import { fullSizes, quickSizes } from "./scale/backlogs.ts";
import { runScale } from "./scale/run-scale.ts";
import { scaleTables } from "./scale/scale-tables.ts";

const usage = `Options:
  --quick      a tenth of every size, to see that all works
  --dir PATH   where data directories go; must be a real disk (default: the system's temporary directory)
  --json       machine-readable results on standard output, nothing else there
`;
const { values } = parseArgs({
  options: {
    quick: { type: "boolean", default: false },
    dir: { type: "string", default: tmpdir() },
    json: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});
endWithServers();
if (values.help) process.stdout.write(usage);
else {
  const result = await runScale(
    values.quick ? quickSizes : fullSizes,
    values.dir,
    (line) => void process.stderr.write(`${line}\n`),
  );
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : scaleTables(result));
}
