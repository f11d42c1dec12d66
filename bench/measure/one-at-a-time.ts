// Times single operations on a machine that is otherwise idle: one at a time, with a pause between.
import { setTimeout as sleep } from "node:timers/promises";
import { percentilesOf, type Measurement } from "./measurement.ts";
import type { Settings } from "./settings.ts";

/** Between operations, so that all is idle again; uneven, so that no poll interval locks in with it. */
const pauseMs = (): number => 5 + Math.random() * 20;

/** @param operation does the operation of a number and answers how long it took, in ms */
export async function oneAtATime(
  workload: string,
  settings: Settings,
  operation: (number: number) => Promise<number>,
): Promise<Measurement> {
  const warmUps = Math.ceil(settings.deliveries / 10);
  for (let number = 0; number < warmUps; number += 1) {
    await operation(number);
    await sleep(pauseMs());
  }
  const latenciesMs: number[] = [];
  const startedAt = performance.now();
  // A polling peer may need a second a task: the time bound ends it with fewer.
  const deadline = startedAt + 4 * settings.measureMs;
  for (let number = 0; number < settings.deliveries && performance.now() < deadline; number += 1) {
    latenciesMs.push(await operation(warmUps + number));
    await sleep(pauseMs());
  }
  const elapsedMs = performance.now() - startedAt;
  const tasks = latenciesMs.length;
  return { workload, operations: tasks, tasks, elapsedMs, latency: percentilesOf(latenciesMs) };
}

export async function timed(operation: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await operation();
  return performance.now() - from;
}
