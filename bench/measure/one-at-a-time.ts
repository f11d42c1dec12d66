// Times single operations on a machine that is otherwise idle: one at a time, with a pause between.
import { setTimeout as sleep } from "node:timers/promises";
import { percentilesOf, type Measurement } from "./measurement.ts";
import type { Settings } from "./settings.ts";

/** Between operations, so that all is idle again; uneven, so that no poll interval locks in with it. */
const pauseMs = (): number => 5 + Math.random() * 20;

/** Pieces into which a measurement is cut when several are taken in turn. */
const slices = 6;

/** Does the operation of a number, and answers how long it took, in ms. */
export type Operation = (number: number) => Promise<number>;

export interface Timed {
  readonly workload: string;
  readonly operation: Operation;
}

export async function oneAtATime(workload: string, settings: Settings, operation: Operation): Promise<Measurement> {
  const [measured] = await inTurn(settings, [{ workload, operation }]);
  if (measured === undefined) throw new Error("expected a measurement for each operation");
  return measured;
}

/** Several, a piece of one and then of the next, so that a slow moment of the machine falls on all of them. */
export async function inTurn(settings: Settings, measured: readonly Timed[]): Promise<Measurement[]> {
  const warmUps = Math.ceil(settings.deliveries / 10);
  for (const { operation } of measured) {
    for (let number = 0; number < warmUps; number += 1) {
      await operation(number);
      await sleep(pauseMs());
    }
  }
  const runs = measured.map((each) => ({ ...each, latenciesMs: [] as number[], elapsedMs: 0 }));
  for (let slice = 1; slice <= slices; slice += 1) {
    const upTo = Math.ceil((settings.deliveries * slice) / slices);
    for (const run of slice % 2 === 0 ? runs.toReversed() : runs) {
      const startedAt = performance.now();
      // A polling peer may need a second a task: the time bound ends it with fewer.
      const deadline = startedAt + (4 * settings.measureMs) / slices;
      for (let number = run.latenciesMs.length; number < upTo && performance.now() < deadline; number += 1) {
        run.latenciesMs.push(await run.operation(warmUps + number));
        await sleep(pauseMs());
      }
      run.elapsedMs += performance.now() - startedAt;
    }
  }
  return runs.map(({ workload, latenciesMs, elapsedMs }) => ({
    workload,
    operations: latenciesMs.length,
    tasks: latenciesMs.length,
    elapsedMs,
    latency: percentilesOf(latenciesMs),
  }));
}

export async function timed(operation: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await operation();
  return performance.now() - from;
}
