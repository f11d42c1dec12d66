// How soon a queue answers whose object slept: workerd is started again on the state of queues that hold tasks and claims.
import { percentilesOf, type Measurement } from "../measure/measurement.ts";
import { fillBacklog } from "../scale/fill-backlog.ts";
import { emptyQueues, wakeQueue } from "../scale/time-wakes.ts";

const queues = ["wake-1", "wake-2", "wake-3", "wake-4", "wake-5"] as const;
const held = { layout: "run", ready: 5_000, inFlight: 2_000, delayed: 0 } as const;

export async function fillForWakes(origin: string): Promise<void> {
  for (const queue of queues) await fillBacklog(origin, { queue, name: queue, ...held });
}

/** On a server that was started after `fillForWakes`; each queue's first request is one operation. */
export async function measureWakes(origin: string): Promise<Measurement> {
  // Compiles the code.
  for (const queue of emptyQueues) await wakeQueue(origin, queue);
  const latenciesMs: number[] = [];
  for (const queue of queues) latenciesMs.push((await wakeQueue(origin, queue)).wakeMs);
  const elapsedMs = latenciesMs.reduce((sum, ms) => sum + ms, 0);
  const operations = latenciesMs.length;
  return { workload: "wake-up", operations, tasks: operations, elapsedMs, latency: percentilesOf(latenciesMs) };
}
