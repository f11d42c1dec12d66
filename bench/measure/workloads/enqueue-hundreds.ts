// Enqueue in hundreds by the product's own way for many, 8 calls in flight: one operation is one call.
import type { PeerQueue } from "../../peers/peer.ts";
import { percentilesOf, type Measurement } from "../measurement.ts";
import { payloadOf } from "../payload.ts";
import { runInFlight } from "../run-in-flight.ts";
import type { Settings } from "../settings.ts";

export const batchTasks = 100;
export const batchesInFlight = 8;

/** Null if the product has no way to enqueue many. */
export async function enqueueHundreds(queue: PeerQueue, settings: Settings): Promise<Measurement | null> {
  const { enqueueMany } = queue;
  if (enqueueMany === null) return null;
  let next = 0;
  const load = {
    inFlight: batchesInFlight,
    maxOperations: settings.maxTasks / batchTasks,
    operation: async (): Promise<number> => {
      await enqueueMany(Array.from({ length: batchTasks }, () => payloadOf(next++, settings.payloadBytes)));
      return batchTasks;
    },
  };
  await runInFlight({ ...load, maxMs: settings.warmUpMs });
  const { latenciesMs, ...run } = await runInFlight({ ...load, maxMs: settings.measureMs });
  return { workload: "enqueue 100", ...run, latency: percentilesOf(latenciesMs) };
}
