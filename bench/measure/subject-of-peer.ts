// Turns a peer into a subject: starts it once and runs every workload, each on a queue of its own.
import type { Peer, PeerQueue } from "../peers/peer.ts";
import type { Measurement } from "./measurement.ts";
import { admits, type Settings } from "./settings.ts";
import type { Subject } from "./subject.ts";
import { claimAndAck } from "./workloads/claim-and-ack.ts";
import { delivery } from "./workloads/delivery.ts";
import { enqueueHundreds } from "./workloads/enqueue-hundreds.ts";
import { enqueueOne } from "./workloads/enqueue-one.ts";
import { fullLife } from "./workloads/full-life.ts";

type Workload = (queue: PeerQueue, settings: Settings) => Promise<Measurement | null>;

const claimOf =
  (size: number): Workload =>
  (queue, settings) =>
    queue.claimSizes.includes(size) ? claimAndAck(queue, size, settings) : Promise.resolve(null);

/** In the order they are run and printed. */
export const workloads: ReadonlyMap<string, Workload> = new Map<string, Workload>([
  ["enqueue 1", enqueueOne],
  ["enqueue 100", enqueueHundreds],
  ["claim+ack 1", claimOf(1)],
  ["claim+ack 10", claimOf(10)],
  ["claim+ack 100", claimOf(100)],
  ["full life 1", (queue, settings) => fullLife(queue, 1, settings)],
  ["full life 100", (queue, settings) => fullLife(queue, 100, settings)],
  ["delivery", delivery],
]);

export function subjectOfPeer(peer: Peer): Subject {
  return {
    name: peer.name,
    durability: peer.durability,
    missing: () => peer.missing(),
    async measure(dir, settings, report) {
      const running = await peer.start(dir);
      try {
        for (const [name, workload] of workloads) {
          if (!admits(settings, name)) continue;
          const queue = await running.openQueue(`bench-${name.replace(/\W+/g, "-")}`);
          try {
            const measurement = await workload(queue, settings);
            if (measurement !== null) report(measurement);
          } finally {
            await queue.close();
          }
        }
      } finally {
        await running.stop();
      }
      return running.version;
    },
  };
}
