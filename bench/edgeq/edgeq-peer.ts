// What edgeq's ways in share behind the peers' seam: the server, and how a claim and its ack make one operation.
import { packageVersion } from "../measure/package-version.ts";
import type { Claimer, Peer, PeerQueue } from "../peers/peer.ts";
import { startEdgeq } from "./start-edgeq.ts";

interface Way {
  readonly name: string;
  readonly durability: string;
  /** What speaks to the server, with its version. */
  readonly clients: string;
  readonly openQueue: (url: string, name: string) => Promise<PeerQueue>;
}

export function edgeqPeer({ name, durability, clients, openQueue }: Way): Peer {
  return {
    name,
    durability,
    missing: () => null,
    async start(dir) {
      const server = await startEdgeq({ dir });
      return {
        version: `edgeq on workerd ${packageVersion("workerd")}, ${clients}`,
        openQueue: (queue) => openQueue(server.url, queue),
        stop: () => server.stop(),
      };
    },
  };
}

interface ClaimingQueue<Task> {
  claim(max: number): Promise<readonly Task[]>;
  ack(tasks: readonly Task[]): Promise<void>;
}

export function claimerOf<Task>(queue: ClaimingQueue<Task>, size: number): Claimer {
  return {
    async claimAndAck() {
      const tasks = await queue.claim(size);
      if (tasks.length > 0) await queue.ack(tasks);
      return tasks.length;
    },
    close: () => Promise.resolve(),
  };
}
