// Single enqueue, 64 in flight: one operation is one task, answered by the product before it counts.
import type { PeerQueue } from "../../peers/peer.ts";
import { percentilesOf, type Measurement } from "../measurement.ts";
import { payloadOf } from "../payload.ts";
import { runInFlight } from "../run-in-flight.ts";
import type { Settings } from "../settings.ts";

export const enqueueInFlight = 64;

export async function enqueueOne(queue: PeerQueue, settings: Settings): Promise<Measurement> {
  let next = 0;
  const load = {
    inFlight: enqueueInFlight,
    maxOperations: settings.maxTasks,
    operation: async (): Promise<number> => {
      await queue.enqueueOne(payloadOf(next++, settings.payloadBytes));
      return 1;
    },
  };
  await runInFlight({ ...load, maxMs: settings.warmUpMs });
  const { latenciesMs, ...run } = await runInFlight({ ...load, maxMs: settings.measureMs });
  return { workload: "enqueue 1", ...run, latency: percentilesOf(latenciesMs) };
}
