// The full life: producers enqueue while the product's own consumer claims, hands over and acks.
// The clock runs from the first enqueue until the last ack has been taken. Also proves that nothing
// was lost: each task enqueued must have been handled.
import { setTimeout as sleep } from "node:timers/promises";
import type { PeerQueue } from "../../peers/peer.ts";
import { percentilesOf, type Measurement } from "../measurement.ts";
import { numberOf, payloadOf } from "../payload.ts";
import { runInFlight } from "../run-in-flight.ts";
import type { Settings } from "../settings.ts";
import { batchesInFlight, batchTasks } from "./enqueue-hundreds.ts";
import { enqueueInFlight } from "./enqueue-one.ts";

/** Producers wait beyond this many unfinished tasks, so that the backlog does not become the workload. */
const maxUnfinished = 5_000;
const drainMs = 60_000;

/** Null for hundreds if the product has no way to enqueue many. One operation is one task, from its enqueue call to its handler. */
export async function fullLife(queue: PeerQueue, many: 1 | 100, settings: Settings): Promise<Measurement | null> {
  if (many === batchTasks && queue.enqueueMany === null) return null;
  const enqueuedAt = new Float64Array(settings.maxTasks);
  const seen = new Uint8Array(settings.maxTasks);
  let latenciesMs: number[] = [];
  let next = 0;
  let handled = 0;
  let repeated = 0;
  const unfinished = (): number => next - handled;
  const consumer = await queue.consume((payload) => {
    const number = numberOf(payload);
    if (seen[number] === 1) {
      repeated += 1;
      return;
    }
    seen[number] = 1;
    handled += 1;
    latenciesMs.push(performance.now() - (enqueuedAt[number] ?? 0));
  });
  const operation = async (): Promise<number> => {
    while (unfinished() > maxUnfinished) await sleep(1);
    if (next + many > settings.maxTasks) return 0;
    const payloads = Array.from({ length: many }, () => {
      enqueuedAt[next] = performance.now();
      return payloadOf(next++, settings.payloadBytes);
    });
    await (many === 1 ? queue.enqueueOne(payloads[0] ?? "") : queue.enqueueMany?.(payloads));
    return many;
  };
  const run = async (maxMs: number): Promise<number> => {
    const startedAt = performance.now();
    const inFlight = many === 1 ? enqueueInFlight : batchesInFlight;
    await runInFlight({ inFlight, maxMs, maxOperations: settings.maxTasks, operation });
    const deadline = performance.now() + drainMs;
    while (unfinished() > 0 && performance.now() < deadline) await sleep(1);
    if (unfinished() > 0) throw new Error(`${unfinished()} of ${next} tasks were not delivered within ${drainMs} ms`);
    await consumer.allAcked();
    return performance.now() - startedAt;
  };
  await run(settings.warmUpMs);
  const before = handled;
  latenciesMs = [];
  const elapsedMs = await run(settings.measureMs);
  await consumer.stop();
  const tasks = handled - before;
  const measured = {
    workload: `full life ${many}`,
    operations: tasks,
    tasks,
    elapsedMs,
    latency: percentilesOf(latenciesMs),
  };
  return repeated === 0 ? measured : { ...measured, note: `${repeated} delivered again` };
}
