// `npm run torture -- --minutes N --seed S`: plain workerd on disk, producers and consumers as processes, and every fault that
// this machine allows; then the history is judged. Exits with 0 if every promise held; keeps the history if one did not.

import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundle } from "../../scripts/bundle.ts";
import { seedOfRun } from "../random/seed-of-run.ts";
import { Random } from "../simulation/random.ts";
import { QUEUES, settingsOf, type QueueName } from "./actors/queues.ts";
import { Cast } from "./cast.ts";
import { check, type Verdict } from "./checker/check.ts";
import { conduct } from "./conductor.ts";
import { drain } from "./drain.ts";
import { FaultProxy } from "./fault-proxy.ts";
import { HistoryFile, readHistory } from "./history.ts";
import { SmallDisk } from "./small-disk.ts";
import { SteppedClock } from "./stepped-clock.ts";
import { TorturedServer } from "./tortured-server.ts";
import { recordWire } from "./wire-recorder.ts";

const { values } = parseArgs({
  options: {
    minutes: { type: "string", default: "1" },
    seed: { type: "string", default: String(seedOfRun()) },
    /** Judges the history in a folder once more, and tortures nobody. */
    check: { type: "string" },
    keep: { type: "boolean", default: false },
  },
});
const minutes = Number(values.minutes);
if (!(minutes > 0 && minutes <= 600))
  throw new Error(`--minutes: given ${values.minutes}, allowed: above 0, up to 600`);
// So that the server ends with this process, and the disk is unmounted.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => process.exit(130));
/** More of one kind tell nothing more. */
const SHOWN_VIOLATIONS = 20;

const folder = values.check ?? (await torture());
const verdict = check(readHistory(folder));
show(verdict);
if (verdict.violations.length > 0) {
  console.error(`the history is in ${folder}; judge it again with: npm run torture -- --check ${folder}`);
  process.exitCode = 1;
} else if (values.check === undefined && !values.keep) rmSync(folder, { recursive: true });

/** @returns the folder of the history */
async function torture(): Promise<string> {
  const dir = mkdtempSync(join(tmpdir(), "edgeq-torture-"));
  const [historyDir, stateDir] = [join(dir, "history"), join(dir, "state")];
  for (const made of [historyDir, stateDir]) mkdirSync(made);
  console.log(`torture: ${minutes} min, seed ${values.seed}, in ${dir}`);
  const random = new Random(Number(values.seed));
  const history = new HistoryFile(historyDir, "conductor");
  const clock = SteppedClock.build(history, dir);
  const disk = SmallDisk.mount(stateDir);
  if (clock === null)
    console.log("skipped: the server's clock is not stepped, which takes Linux and a C compiler (cc)");
  if (disk === null) console.log("skipped: the disk is not filled, which takes Linux and root");
  const { configPath } = await bundle(join(dir, "worker"));
  const server = await TorturedServer.start({ stateDir, configPath, env: { EDGEQ_AUTH: "open", ...clock?.env } });
  recordWire(history, "conductor");
  let proxy: FaultProxy | null = null;
  let cast: Cast | null = null;
  try {
    history.write({ kind: "began", wall: Date.now(), settings: QUEUES });
    for (const name of Object.keys(QUEUES) as QueueName[]) await configure(server.url, name);
    proxy = await FaultProxy.listen(history, random, () => server.port);
    cast = new Cast(proxy.url, historyDir, new Random(random.below(2 ** 31)));
    const stage = { server, cast, proxy, clock, disk, history, random };
    const counts = await conduct(stage, performance.now() + minutes * 60_000);
    await cast.end();
    console.log([...counts].map(([name, count]) => `${count} × ${name}`).join(", "));
    console.log(`the server's memory at the end: ${server.megabytes} MB`);
    await drain(server.url, history);
    if (server.crashes + cast.crashes > 0) {
      console.error(`ended by themselves: the server ${server.crashes} times, others ${cast.crashes} times`);
      process.exitCode = 1;
    }
  } finally {
    await cast?.end();
    proxy?.close();
    await server.end();
    clock?.close();
    disk?.unmount();
  }
  for (const made of [stateDir, join(dir, "worker")]) rmSync(made, { recursive: true });
  return historyDir;
}

async function configure(url: string, name: QueueName): Promise<void> {
  const response = await fetch(`${url}/v1/queues/${name}`, {
    method: "PUT",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(settingsOf(name)),
  });
  if (!response.ok) throw new Error(`${name} could not be configured: ${response.status} ${await response.text()}`);
}

function show({ operations, checked, violations }: Verdict): void {
  console.log(`${operations} operations; occasions checked:`);
  for (const [name, count] of Object.entries(checked)) console.log(`  ${name.padEnd(16)} ${count}`);
  for (const { promise, text } of violations.slice(0, SHOWN_VIOLATIONS)) console.error(`${promise}: ${text}`);
  console.log(`${violations.length} violations`);
}
