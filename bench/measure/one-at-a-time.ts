// Times single operations on a machine that is otherwise idle: one at a time, with a pause between.
import { setTimeout as sleep } from "node:timers/promises";
import { percentilesOf, type Measurement } from "./measurement.ts";
import type { Settings } from "./settings.ts";

/** Between operations, so that all is idle again; uneven, so that no poll interval locks in with it. */
const pauseMs = (): number => 5 + Math.random() * 20;

/** Pieces into which a measurement is cut when several are taken in turn. */
const slices = 6;

/** Answers how long it took, in ms. */
export type Operation = () => Promise<number>;

export interface Timed {
  readonly workload: string;
  readonly operation: Operation;
}

export async function oneAtATime(workload: string, settings: Settings, operation: Operation): Promise<Measurement> {
  await warmUp(settings.warmUpMs, operation);
  const [measured] = await inTurn(settings, [{ workload, operation }]);
  if (measured === undefined) throw new Error("expected a measurement for each operation");
  return measured;
}

/** Without the pauses, with which it would be a hundred operations and not a thousand. */
export async function warmUp(ms: number, operation: Operation): Promise<void> {
  const deadline = performance.now() + ms;
  do await operation();
  while (performance.now() < deadline);
  await sleep(pauseMs());
}

/** Warms up several as they are measured: what rests while others are warmed up has cooled down by a tenth and more. */
export function warmUpInTurn(ms: number, operations: readonly Operation[]): Promise<void> {
  return inSlices(operations, (operation) => warmUp(ms / slices, operation));
}

/** Several that are warm. */
export async function inTurn(settings: Settings, measured: readonly Timed[]): Promise<Measurement[]> {
  const runs = measured.map((each) => ({ ...each, latenciesMs: [] as number[], elapsedMs: 0 }));
  await inSlices(runs, async (run, slice) => {
    const upTo = Math.ceil((settings.deliveries * slice) / slices);
    const startedAt = performance.now();
    // A polling peer may need a second a task: the time bound ends it with fewer.
    const deadline = startedAt + (4 * settings.measureMs) / slices;
    while (run.latenciesMs.length < upTo && performance.now() < deadline) {
      run.latenciesMs.push(await run.operation());
      await sleep(pauseMs());
    }
    run.elapsedMs += performance.now() - startedAt;
  });
  return runs.map(({ workload, latenciesMs, elapsedMs }) => ({
    workload,
    operations: latenciesMs.length,
    tasks: latenciesMs.length,
    elapsedMs,
    latency: percentilesOf(latenciesMs),
  }));
}

/** A piece of one and then of the next, so that a slow moment of the machine falls on all of them. @param use `slice` from 1 on */
async function inSlices<Item>(
  items: readonly Item[],
  use: (item: Item, slice: number) => Promise<void>,
): Promise<void> {
  for (let slice = 1; slice <= slices; slice += 1) {
    for (const item of slice % 2 === 0 ? items.toReversed() : items) await use(item, slice);
  }
}

export async function timed(operation: () => Promise<unknown>): Promise<number> {
  const from = performance.now();
  await operation();
  return performance.now() - from;
}
