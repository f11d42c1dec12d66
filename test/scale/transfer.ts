// `npm run transfer -- --tasks 1000000`: fills a queue, exports it by the command line, which is killed on its way and given again,
// imports the file into another queue in the same way, exports that, and compares. Prints times and the most memory of each process.

import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { createReadStream, mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { parseArgs } from "node:util";
import { startWorkerd } from "../../scripts/workerd-server.ts";

const { values } = parseArgs({ options: { tasks: { type: "string", default: "1000000" } } });
const TASKS = Number(values.tasks);
const BATCH = 1_000;
const CLI = resolve(import.meta.dirname, "../../src/cli/main.ts");

const folder = mkdtempSync(join(tmpdir(), "edgeq-transfer-"));
const server = await startWorkerd({ stateDir: join(folder, "state") });
const env = { ...process.env, EDGEQ_URL: server.url };
try {
  await fill();
  const [file, copy] = [join(folder, "orders.jsonl"), join(folder, "copy.jsonl")];
  await twice("export", ["export", "orders", file], () => sizeOf(file) > 1_000_000);
  console.log(`the file: ${statSync(file).size} bytes`);
  let looks = 0;
  await twice("import", ["import", "copy", file], () => (looks += 1) > 10);
  await twice("export of the copy", ["export", "copy", copy], () => sizeOf(copy) > 1_000_000);
  const [one, other] = [await digestOf(file), await digestOf(copy)];
  console.log(
    `${one.tasks} tasks exported, ${other.tasks} in the copy; ${one.digest === other.digest ? "equal" : "DIFFERENT"}`,
  );
  console.log(`workerd at the most: ${peakOf(server.pid)} MB`);
  process.exitCode = one.digest === other.digest && one.tasks === TASKS ? 0 : 1;
} finally {
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}

/** Each a row of its own, with an id, a lane of a few and headers. */
async function fill(): Promise<void> {
  const began = Date.now();
  for (let at = 0; at < TASKS; at += BATCH) {
    const tasks = Array.from({ length: Math.min(BATCH, TASKS - at) }, (_, index) => ({
      id: `task-${at + index}`,
      lane: `lane-${(at + index) % 7}`,
      headers: { n: String(at + index) },
      payload: { order: at + index },
    }));
    const response = await fetch(`${server.url}/v1/queues/orders/tasks`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ tasks }),
    });
    if (response.status !== 201) throw new Error(`enqueue: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }
  console.log(`${TASKS} tasks enqueued in ${seconds(began)} s`);
}

/** Kills the command when it has got somewhere, gives it again, and waits for its end. */
async function twice(what: string, command: readonly string[], isUnderWay: () => boolean): Promise<void> {
  const began = Date.now();
  const first = spawn(process.execPath, [CLI, ...command], { env, stdio: "ignore" });
  await new Promise((fulfil) => {
    const look = setInterval(() => {
      if (!isUnderWay() && first.exitCode === null) return;
      clearInterval(look);
      fulfil(null);
    }, 200);
  });
  first.kill("SIGKILL");
  await new Promise((fulfil) => first.once("close", fulfil));
  const second = spawn(process.execPath, [CLI, ...command], { env, stdio: ["ignore", "ignore", "inherit"] });
  let peak = 0;
  const look = setInterval(() => (peak = Math.max(peak, peakOf(second.pid ?? 0))), 200);
  const code = await new Promise((fulfil) => second.once("close", fulfil));
  clearInterval(look);
  if (code !== 0) throw new Error(`${what} ended with ${String(code)}`);
  console.log(`${what}: killed once, ${seconds(began)} s, ${peak} MB at the most`);
}

/** Of an export that is under way. */
function sizeOf(path: string): number {
  return statSync(`${path}.part`, { throwIfNoEntry: false })?.size ?? 0;
}

/** In MB, by Linux; 0: it is gone. */
function peakOf(pid: number): number {
  try {
    return Math.round(Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024);
  } catch {
    return 0;
  }
}

/** Of the rows of tasks, in whatever order they stand: the sum of their digests. */
async function digestOf(path: string): Promise<{ tasks: number; digest: string }> {
  let sum = 0n;
  let tasks = 0;
  for await (const line of createInterface({ input: createReadStream(path) })) {
    const record = JSON.parse(line) as { table?: string; row?: object };
    if (record.table !== "tasks" || record.row === undefined) continue;
    tasks += 1;
    sum += BigInt(`0x${createHash("sha256").update(JSON.stringify(record.row)).digest("hex")}`);
  }
  return { tasks, digest: sum.toString(16) };
}

function seconds(began: number): string {
  return ((Date.now() - began) / 1_000).toFixed(0);
}
