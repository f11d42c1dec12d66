// A queue over two sockets, as a profile needs it: one enqueues, the other was granted credit and is pushed
// tasks. A frame is one message here, so that nothing is saved that a lone producer could not save.
import type { QueueSocket, SocketTask } from "../edgeq/queue-socket.ts";
import type { Way } from "./http-way.ts";

/** @param held tasks that the consumer's credit lets it hold */
export async function socketWay(open: () => Promise<QueueSocket>, held: number): Promise<Way> {
  const [producer, consumer] = await Promise.all([open(), open()]);
  const inbox: SocketTask[] = [];
  let news: (() => void) | null = null;
  await consumer.grant(held, (tasks) => {
    inbox.push(...tasks);
    news?.();
  });
  return {
    // The two that opened the sockets, long before.
    workerRequests: 2,
    get framesIn() {
      return producer.framesSent + consumer.framesSent;
    },
    enqueue: (tasks, call) => producer.enqueue(tasks, call),
    async claimAndSettle(max, failures) {
      if (failures > 0) throw new Error("no profile over sockets has failures");
      while (inbox.length < max) await new Promise<void>((resolve) => (news = resolve));
      await consumer.ack(inbox.splice(0, max));
      return max;
    },
    async close() {
      await Promise.all([producer.close(), consumer.close()]);
    },
  };
}
