// One key with very many tasks beside 99 with a few: how long the few wait, with the flood and without.
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { startEdgeq } from "../edgeq/start-edgeq.ts";
import { inMs, type Goal } from "../goals/goal.ts";
import { percentilesOf, type Percentiles } from "../measure/measurement.ts";
import { openKeyed } from "./keyed-edgeq.ts";
import type { KeyedTask } from "./keyed-queue.ts";
import type { ScenarioRun, ScenarioResult } from "./scenario.ts";

const quietKeys = 99;
const floodingKey = quietKeys;
/** A quiet key has a task now and then; each task takes its handler a while. */
const everyMs = 100;
const workMs = 2;
const batch = 1_000;

export async function floodScenario(run: ScenarioRun): Promise<ScenarioResult> {
  const server = await startEdgeq({ dir: join(run.dir, "flood") });
  try {
    const rows: string[][] = [];
    const waits: Percentiles[] = [];
    for (const flood of [0, run.isQuick ? 2_000 : 50_000]) {
      const found = await quietWaits(server.url, flood, run.isQuick ? 10 : 50);
      if (typeof found === "string") {
        return { tables: [], goals: [], skipped: [`one flooding key beside ${quietKeys} quiet ones: ${found}`] };
      }
      waits.push(found);
      rows.push([flood.toLocaleString("en-US"), inMs(found.p50Ms), inMs(found.p99Ms)]);
    }
    return {
      tables: [{ title: "Wait of a quiet key's task", head: ["tasks of the flooding key", "p50", "p99"], rows }],
      goals: goalsOf(waits),
      skipped: [],
    };
  } finally {
    await server.stop();
  }
}

function goalsOf([calm, flooded]: readonly Percentiles[]): Goal[] {
  if (calm === undefined || flooded === undefined) return [];
  const figures = `${inMs(flooded.p99Ms)} of ${inMs(calm.p99Ms)}`;
  const what = "wait of quiet keys beside a flood, p99";
  return [{ what, beside: "without the flood", figures, reached: flooded.p99Ms / calm.p99Ms, wanted: { atMost: 2 } }];
}

const nameOf = ({ key, number }: KeyedTask): string => `${key}/${number}`;

/** From a quiet task's enqueue call to its handler. Text: why the server cannot. */
async function quietWaits(origin: string, flood: number, times: number): Promise<Percentiles | string> {
  const queue = await openKeyed(origin, `flood-${flood}`, true);
  if (typeof queue === "string") return queue;
  const some = Array.from({ length: batch }, (_, number): KeyedTask => ({ key: floodingKey, number }));
  for (let filled = 0; filled < flood; filled += batch) await queue.enqueue(some);
  const sentAt = new Map<string, number>();
  const waitsMs: number[] = [];
  const consumer = await queue.consume(async (task) => {
    const from = sentAt.get(nameOf(task));
    if (from !== undefined) waitsMs.push(performance.now() - from);
    await sleep(workMs);
  });
  for (let number = 0; number < times; number += 1) {
    const tasks = Array.from({ length: quietKeys }, (_, key): KeyedTask => ({ key, number }));
    for (const task of tasks) sentAt.set(nameOf(task), performance.now());
    await Promise.all([queue.enqueue(tasks), sleep(everyMs)]);
  }
  while (waitsMs.length < times * quietKeys) await sleep(5);
  await consumer.stop();
  await queue.close();
  return percentilesOf(waitsMs);
}
