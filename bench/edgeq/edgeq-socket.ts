// edgeq over hibernating sockets behind the peers' seam: one socket to enqueue, one to claim, and as
// consumer one that was granted credit and is pushed tasks.
import { packageVersion } from "../measure/package-version.ts";
import type { Consumer, PeerQueue } from "../peers/peer.ts";
import { claimerOf, edgeqPeer } from "./edgeq-peer.ts";
import { QueueSocket } from "./queue-socket.ts";
import { taskJson } from "./task-json.ts";

/** Tasks that the consumer holds at most. */
const credit = 1_000;

export const edgeqSocket = edgeqPeer({
  name: "edgeq-socket",
  durability: "The same as edgeq-http; an answer to a frame is sent when what it says is on disk.",
  clients: `ws ${packageVersion("ws")}`,
  openQueue: edgeqSocketQueue,
});

export async function edgeqSocketQueue(url: string, name: string): Promise<PeerQueue> {
  const [producer, claiming] = await Promise.all([QueueSocket.open(url, name), QueueSocket.open(url, name)]);
  return {
    enqueueOne: (payload) => producer.enqueue([taskJson(payload)]),
    enqueueMany: (payloads) => producer.enqueue(payloads.map((payload) => taskJson(payload))),
    claimSizes: [1, 10, 100],
    openClaimer: (size) => Promise.resolve(claimerOf(claiming, size)),
    consume: async (handle) => consume(await QueueSocket.open(url, name), handle),
    async close() {
      await Promise.all([producer.close(), claiming.close()]);
    },
  };
}

async function consume(queue: QueueSocket, handle: (payload: string) => void): Promise<Consumer> {
  let inHand = 0;
  let failure: unknown = null;
  let settle: (() => void) | null = null;
  await queue.grant(credit, (tasks) => {
    for (const { payload } of tasks) handle(JSON.stringify(payload));
    inHand += 1;
    void queue
      .ack(tasks)
      .catch((reason: unknown) => (failure = reason))
      .finally(() => {
        inHand -= 1;
        if (inHand === 0) settle?.();
      });
  });
  return {
    async allAcked() {
      if (inHand > 0) await new Promise<void>((resolve) => (settle = resolve));
      if (failure !== null) throw failure;
    },
    stop: () => queue.close(),
  };
}
