// RabbitMQ with a quorum queue, persistent messages and publisher confirms: what its "Quorum Queues" and
// "Consumer Acknowledgements and Publisher Confirms" pages advise where data safety comes first.
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { Connection, type Channel } from "rabbitmq-client";
import { packageVersion } from "../measure/package-version.ts";
import type { Claimer, Consumer, Peer, PeerQueue, RunningPeer } from "./peer.ts";
import { missingRabbitmq, startRabbitmq } from "./start-rabbitmq.ts";

/** Chosen, not tuned: enough that the consumer never waits for a delivery. */
const prefetchCount = 250;

export const rabbitmq: Peer = {
  name: "rabbitmq-quorum",
  durability:
    "Quorum queue of one node with publisher confirms: a publish is confirmed after the Raft log is fsynced; an ack has no answer at all.",
  missing: missingRabbitmq,
  async start(dir): Promise<RunningPeer> {
    const broker = await startRabbitmq(dir);
    const connection = new Connection({ url: broker.url, connectionName: "edgeq-bench", noDelay: true });
    connection.on("error", (error: Error) => process.stderr.write(`rabbitmq: ${error.message}\n`));
    await connection.onConnect(30_000);
    return {
      version: `RabbitMQ ${broker.version}, rabbitmq-client ${packageVersion("rabbitmq-client")}`,
      openQueue: (name) => openQueue(connection, name),
      async stop() {
        connection.unsafeDestroy();
        await broker.stop();
      },
    };
  },
};

/** The consumer declares the queue again, which RabbitMQ takes only if all is as before. */
const declarationOf = (queue: string) => ({ queue, durable: true, arguments: { "x-queue-type": "quorum" as const } });

async function openQueue(connection: Connection, queue: string): Promise<PeerQueue> {
  await connection.queueDeclare(declarationOf(queue));
  const channel = await connection.acquire();
  await channel.confirmSelect();
  const publish = (payload: string): Promise<void> =>
    channel.basicPublish({ routingKey: queue, durable: true }, payload);
  return {
    enqueueOne: publish,
    // Its tutorial on publisher confirms: publish a batch, then wait for all of its confirms.
    async enqueueMany(payloads) {
      await Promise.all(payloads.map(publish));
    },
    claimSizes: [1],
    openClaimer: async () => claimerOf(await connection.acquire(), queue),
    consume: (handle) => consume(connection, queue, handle),
    async close() {
      await channel.close();
      await connection.queueDelete(queue);
    },
  };
}

/** `basic.get` and `basic.ack`, which RabbitMQ has but calls very inefficient beside consumers. */
function claimerOf(channel: Channel, queue: string): Claimer {
  return {
    async claimAndAck() {
      const message = await channel.basicGet({ queue, noAck: false });
      if (message === undefined) return 0;
      channel.basicAck({ deliveryTag: message.deliveryTag });
      return 1;
    },
    close: () => channel.close(),
  };
}

async function consume(connection: Connection, queue: string, handle: (payload: string) => void): Promise<Consumer> {
  const consumer = connection.createConsumer(
    { queue, queueOptions: declarationOf(queue), qos: { prefetchCount } },
    (message) => {
      const body: unknown = message.body;
      handle(Buffer.isBuffer(body) ? body.toString() : String(body));
    },
  );
  consumer.on("error", (error: Error) => process.stderr.write(`rabbitmq consumer: ${error.message}\n`));
  await once(consumer, "ready", { signal: AbortSignal.timeout(10_000) });
  return {
    // The acks were written to the socket when the handler returned, and are not answered.
    allAcked: () => sleep(0),
    stop: () => consumer.close(),
  };
}
