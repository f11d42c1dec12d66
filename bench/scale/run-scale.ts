// The whole of the scale bench on one machine: backlogs filled once, timed together, then each woken up.
import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { probeMain, type Edgeq } from "../edgeq/start-edgeq.ts";
import { withEdgeq } from "../edgeq/with-edgeq.ts";
import { startFloor } from "../floor/start-floor.ts";
import { backlogsOf, type ScaleSizes } from "./backlogs.ts";
import { fillBacklog } from "./fill-backlog.ts";
import { runConsumers, type ConsumersRun } from "./run-consumers.ts";
import { timeOperations, type BacklogCosts } from "./time-operations.ts";
import { emptyQueues, timeWakes, wakeQueue, type BacklogWake } from "./time-wakes.ts";
import { touchObjects, touchQueues, type ManyQueues } from "./touch-queues.ts";

export interface ScaleResult {
  readonly sizes: ScaleSizes;
  readonly operations: readonly BacklogCosts[];
  readonly wakes: readonly BacklogWake[];
  readonly queues: ManyQueues;
  /** The same number of objects that only insert a row. */
  readonly objectsMs: number;
  readonly consumers: readonly ConsumersRun[];
}

export async function runScale(sizes: ScaleSizes, baseDir: string, say: (line: string) => void): Promise<ScaleResult> {
  const dir = mkdtempSync(join(baseDir, "edgeq-scale-"));
  const backlogs = backlogsOf(sizes);
  const withProbe = <Result>(name: string, use: (edgeq: Edgeq) => Promise<Result>): Promise<Result> =>
    withEdgeq({ dir: join(dir, name), main: probeMain, isInspected: true }, use);
  try {
    const operations = await withProbe("backlogs", async ({ url }) => {
      for (const backlog of backlogs) {
        const from = performance.now();
        await fillBacklog(url, backlog);
        say(`filled ${backlog.name} in ${((performance.now() - from) / 1000).toFixed(1)} s`);
      }
      // They exist, and are empty.
      for (const queue of emptyQueues) await wakeQueue(url, queue);
      return timeOperations(url, backlogs, sizes.cycles);
    });
    for (const { backlog, costs } of operations)
      say(`${backlog.name}: claim 1 ${costs["claim 1"].latency.p50Ms.toFixed(2)} ms`);
    const wakes: BacklogWake[] = [];
    for (const backlog of backlogs) {
      const wake = await timeWakes(join(dir, "backlogs"), backlog, sizes.wakes);
      say(
        `${backlog.name}: awake in ${wake.wakeMs.toFixed(1)} ms, an empty queue in ${wake.emptyWakeMs.toFixed(1)} ms`,
      );
      wakes.push(wake);
    }
    const queues = await withProbe("queues", (edgeq) => touchQueues(edgeq, sizes.queues));
    const objectsMs = await touchBareObjects(join(dir, "objects"), sizes.queues);
    say(
      `${queues.queues} queues in ${(queues.elapsedMs / 1000).toFixed(1)} s, bare objects in ${(objectsMs / 1000).toFixed(1)} s`,
    );
    const consumers: ConsumersRun[] = [];
    for (const way of ["http", "socket"] as const) {
      for (const count of sizes.consumers) {
        const run = await withProbe(`consumers-${way}-${count}`, ({ url }) =>
          runConsumers(url, way, count, sizes.consumersMs),
        );
        say(
          `${count} consumers over ${way}: ${Math.round(run.tasksPerSecond)}/s, delivery p50 ${run.delivery.p50Ms.toFixed(2)} ms`,
        );
        consumers.push(run);
      }
    }
    return { sizes, operations, wakes, queues, objectsMs, consumers };
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function touchBareObjects(dir: string, objects: number): Promise<number> {
  const floor = await startFloor(dir);
  try {
    return await touchObjects(floor.url, objects);
  } finally {
    await floor.stop();
  }
}
