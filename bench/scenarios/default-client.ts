// The client as it is by default, where an enqueue may safely be sent again, beside `idempotent: false`: the rows of a task's life
// with all that remembering its calls costs, and the rate of enqueues.
import { join } from "node:path";
import { Queue, SocketTransport } from "../../src/client/index.ts";
import { MeteredQueue } from "../edgeq/metered-queue.ts";
import { processCpuMs } from "../edgeq/process-cpu.ts";
import { probeMain } from "../edgeq/start-edgeq.ts";
import { withEdgeq } from "../edgeq/with-edgeq.ts";
import { perSecond, type Goal } from "../goals/goal.ts";
import { runInFlight } from "../measure/run-in-flight.ts";
import { median } from "../measure/summarize.ts";
import type { Scenario, ScenarioRun, ScenarioResult, ScenarioTable } from "./scenario.ts";

const sizes = [1, 10, 100] as const;
const modes = [
  { name: "default", options: {} },
  { name: "idempotent: false", options: { idempotent: false } },
] as const;
type Mode = (typeof modes)[number];

/** Calls in one step, and the steps: longer than the dedupe window in all, so that what is remembered is forgotten in it. */
const stepCalls = 100;
const stepMs = 120_000;
const steps = 6;

/** Many and short, since the machine's slow moments are to fall on both modes alike. */
const slices = 30;
/** Before them, so that all code is compiled. ms a mode and size */
const warmUpMs = 1_500;
const lanes = 64;

export const defaultClientScenario: Scenario = { name: "client", run: runClient };

async function runClient(run: ScenarioRun): Promise<ScenarioResult> {
  const rows = await rowsTable(run);
  const { table, goals } = await rates(run);
  return { tables: [rows, table], goals, skipped: [] };
}

async function rowsTable(run: ScenarioRun): Promise<ScenarioTable> {
  const rows: string[][] = [];
  for (const size of sizes) {
    const counted: string[] = [];
    for (const mode of modes) {
      const perTask = await countRows(run, mode, size);
      run.say(`${mode.name}, ${size} a call: ${perTask.toFixed(3)} rows a task`);
      counted.push(perTask.toFixed(3));
    }
    rows.push([`${size} a call`, ...counted]);
  }
  const title =
    "Rows written for a task's life (enqueue, claim, ack; alarms and what time brings left out), in a steady state";
  return { title, head: ["", ...modes.map(({ name }) => name)], rows };
}

/** A process each, since time is moved for all of its queues at once. */
function countRows({ dir }: ScenarioRun, { name, options }: Mode, size: number): Promise<number> {
  const place = join(dir, `rows-${name.replace(/\W+/g, "-")}-${size}`);
  return withEdgeq({ dir: place, main: probeMain }, async ({ url }) => {
    const meter = new MeteredQueue(url, "lives");
    await meter.pass(0);
    const queue = new Queue<number>("lives", { url, ...options });
    const live = async (): Promise<void> => {
      for (let call = 0; call < stepCalls; call += 1) {
        if (size === 1) await queue.enqueue(call);
        else await queue.enqueueBatch(Array.from({ length: size }, (_, index) => ({ payload: index })));
        const tasks = await queue.claim({ max: size });
        if (size === 1) await queue.ack(tasks[0] ?? "");
        else await queue.ackBatch(tasks);
      }
      await meter.pass(stepMs);
    };
    for (let step = 0; step < steps; step += 1) await live();
    const before = await meter.counts();
    for (let step = 0; step < steps; step += 1) await live();
    const after = await meter.counts();
    await meter.close();
    const ofTime = after.timedRows - before.timedRows;
    return (after.rowsWritten - before.rowsWritten - ofTime) / (steps * stepCalls * size);
  });
}

/** What one turn of a mode came to. */
interface Slice {
  readonly rate: number;
  /** Processor time for a task, on either side: what the machine has to do, however busy it is with other things. us */
  readonly clientUs: number;
  readonly serverUs: number;
}

function rates(run: ScenarioRun): Promise<{ readonly table: ScenarioTable; readonly goals: readonly Goal[] }> {
  const sliceMs = 100;
  const count = run.isQuick ? 4 : slices;
  return withEdgeq({ dir: join(run.dir, "rates") }, async ({ url, pid }) => {
    const rows: string[][] = [];
    const goals: Goal[] = [];
    for (const size of sizes) {
      const subjects = modes.map(({ options }, index) => {
        const transport = new SocketTransport({ url });
        const queue = new Queue<number>(`rate-${index}-${size}`, { transport, ...options });
        return { transport, queue, measured: [] as Slice[] };
      });
      for (let slice = -1; slice < count; slice += 1) {
        // Each mode comes first as often as the other.
        for (const { queue, measured } of slice % 2 === 0 ? subjects : subjects.toReversed()) {
          const before = { client: ownCpuMs(), server: processCpuMs(pid) };
          const { tasks, elapsedMs } = await runInFlight({
            inFlight: size === 100 ? 8 : lanes,
            maxMs: slice < 0 ? warmUpMs : sliceMs,
            maxOperations: Number.POSITIVE_INFINITY,
            operation: async () => {
              if (size === 1) await queue.enqueue(0);
              else await queue.enqueueBatch(Array.from({ length: size }, (_, number) => ({ payload: number })));
              return size;
            },
          });
          if (slice < 0) continue;
          measured.push({
            rate: (tasks / elapsedMs) * 1_000,
            clientUs: ((ownCpuMs() - before.client) / tasks) * 1_000,
            serverUs: ((processCpuMs(pid) - before.server) / tasks) * 1_000,
          });
        }
      }
      for (const { transport } of subjects) transport.close();
      const [own = [], plain = []] = subjects.map(({ measured }) => measured);
      const ratio = median(own.map(({ rate }, slice) => rate / (plain[slice]?.rate ?? rate)));
      const cpuOf = (side: "clientUs" | "serverUs"): string =>
        [own, plain].map((slicesOf) => median(slicesOf.map((slice) => slice[side])).toFixed(1)).join(" / ");
      const [ownRate = "", plainRate = ""] = [own, plain].map((slicesOf) =>
        perSecond(median(slicesOf.map(({ rate }) => rate))),
      );
      rows.push([`${size} a call`, ownRate, plainRate, ratio.toFixed(2), cpuOf("clientUs"), cpuOf("serverUs")]);
      goals.push({
        what: `default client, ${size} a call`,
        beside: "idempotent: false",
        figures: `${ownRate} of ${plainRate}`,
        reached: ratio,
        wanted: { atLeast: 0.97 },
      });
      run.say(`${size} a call: ${ratio.toFixed(2)} of the rate of plain tasks`);
    }
    const title = "Enqueues over a socket, in turns; processor time a task by default / with `idempotent: false`";
    const head = ["", ...modes.map(({ name }) => name), "ratio, median of the turns", "client, us", "server, us"];
    return { table: { title, head, rows }, goals };
  });
}

function ownCpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1_000;
}
