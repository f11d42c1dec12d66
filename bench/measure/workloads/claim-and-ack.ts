// Claim and ack over a backlog that was put in before the clock starts: one operation is one claim of
// up to 1, 10 or 100 tasks and the ack of all of them.
import type { PeerQueue } from "../../peers/peer.ts";
import { percentilesOf, type Measurement } from "../measurement.ts";
import { payloadOf } from "../payload.ts";
import { runInFlight } from "../run-in-flight.ts";
import type { Settings } from "../settings.ts";
import { batchesInFlight, batchTasks } from "./enqueue-hundreds.ts";
import { enqueueInFlight } from "./enqueue-one.ts";

/** Claims in flight by claim size: about as many tasks in hand as a busy consumer would hold. */
const claimersBySize: ReadonlyMap<number, number> = new Map([
  [1, 64],
  [10, 16],
  [100, 8],
]);

export async function claimAndAck(queue: PeerQueue, size: number, settings: Settings): Promise<Measurement> {
  const backlog = await fill(queue, settings);
  const lanes = claimersBySize.get(size) ?? 8;
  const claimers = await Promise.all(Array.from({ length: lanes }, () => queue.openClaimer(size)));
  const load = {
    inFlight: lanes,
    operation: (lane: number): Promise<number> => claimers[lane]?.claimAndAck() ?? Promise.resolve(0),
  };
  // At most a tenth of the backlog goes to the warm-up, however fast the product is.
  const warmUp = await runInFlight({
    ...load,
    maxMs: settings.warmUpMs,
    maxOperations: Math.ceil(backlog / 10 / size),
  });
  // The end of the backlog is left: a claim that waits for its last task would measure that wait.
  const maxOperations = Math.floor((backlog - warmUp.tasks) / size) - lanes;
  const { latenciesMs, ...run } = await runInFlight({ ...load, maxMs: settings.measureMs, maxOperations });
  await Promise.all(claimers.map((claimer) => claimer.close()));
  return { workload: `claim+ack ${size}`, ...run, latency: percentilesOf(latenciesMs) };
}

/** Answers how many tasks it put in. */
async function fill(queue: PeerQueue, settings: Settings): Promise<number> {
  let next = 0;
  const { enqueueMany } = queue;
  const many = enqueueMany === null ? 1 : batchTasks;
  const { tasks } = await runInFlight({
    inFlight: enqueueMany === null ? enqueueInFlight : batchesInFlight,
    maxMs: 2 * settings.measureMs,
    maxOperations: settings.backlogTasks / many,
    operation: async () => {
      const payloads = Array.from({ length: many }, () => payloadOf(next++, settings.payloadBytes));
      await (enqueueMany === null ? queue.enqueueOne(payloads[0] ?? "") : enqueueMany(payloads));
      return many;
    },
  });
  return tasks;
}
