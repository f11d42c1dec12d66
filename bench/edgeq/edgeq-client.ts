// edgeq as its users run it: the published client and consumer, from source, over sockets: the client's transport, and the
// consumer's own, its default.
import { setTimeout as sleep } from "node:timers/promises";
import { Queue, SocketTransport } from "../../src/client/index.ts";
import { consume as consumeTasks } from "../../src/consumer/index.ts";
import type { Claimer, Consumer, PeerQueue } from "../peers/peer.ts";
import { edgeqPeer } from "./edgeq-peer.ts";

/** Handlers at one time, and tasks held beyond them: together what one socket may hold. */
const concurrency = 500;
const prefetch = 500;

export const edgeqClient = edgeqPeer({
  name: "edgeq-client",
  durability: "The same as edgeq-http, by the published client and consumer.",
  clients: "edgeq/client, edgeq/consumer",
  openQueue: (url, name) => Promise.resolve(edgeqClientQueue(url, name)),
});

export function edgeqClientQueue(url: string, name: string): PeerQueue {
  // Plain enqueues, as the others make them: by default each call is numbered and remembered, which is a promise more (P10).
  const transport = new SocketTransport({ url });
  const queue = new Queue<object>(name, { transport, idempotent: false });
  return {
    async enqueueOne(payload) {
      await queue.enqueue(JSON.parse(payload) as object);
    },
    async enqueueMany(payloads) {
      await queue.enqueueBatch(payloads.map((payload) => ({ payload: JSON.parse(payload) as object })));
    },
    claimSizes: [1, 10, 100],
    openClaimer: (size) => Promise.resolve(claimerOf(queue, size)),
    consume: (handle) => Promise.resolve(consume(queue, handle)),
    close: () => Promise.resolve(transport.close()),
  };
}

function claimerOf(queue: Queue<object>, size: number): Claimer {
  return {
    async claimAndAck() {
      const tasks = await queue.claim({ max: size });
      if (tasks.length === 0) return 0;
      const results = await queue.ackBatch(tasks);
      if (results.some(({ ok }) => !ok)) throw new Error("expected every ack to be taken");
      return tasks.length;
    },
    close: () => Promise.resolve(),
  };
}

function consume(queue: Queue<object>, handle: (payload: string) => void): Consumer {
  let handled = 0;
  let acked = 0;
  const unfinished = (): number => handled - acked;
  const consumer = consumeTasks<object>(
    (task) => {
      handled += 1;
      handle(JSON.stringify(task.payload));
    },
    { queue, concurrency, prefetch },
  );
  consumer.on("acked", () => (acked += 1));
  return {
    async allAcked() {
      while (unfinished() > 0) await sleep(1);
    },
    stop: () => consumer.stop(),
  };
}
