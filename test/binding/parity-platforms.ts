// One Worker on two platforms: on the simulator of Cloudflare Queues, and on edgeq, both in miniflare. The Worker's source is
// the same; what differs is what its owner would change: the bindings, and the entrypoint.

import { edgeqWorker, startWorkers, type Workers } from "../../scripts/miniflare-workers.ts";
import type { Observation, Sending } from "./parity-script.ts";

/** A queue and its consumer, in wrangler's words. */
export interface ConsumerSettings {
  readonly queue: string;
  readonly max_batch_size?: number;
  /** edgeq's; the simulator delivers one batch at a time. */
  readonly max_concurrency?: number;
  readonly max_batch_timeout?: number;
  readonly max_retries?: number;
  readonly dead_letter_queue?: string;
  readonly retry_delay?: number;
}

export interface Platform {
  send(sending: Sending): Promise<void>;
  stop(): Promise<void>;
}

type Observe = (observation: Observation) => void;

export async function onCloudflare(consumers: readonly ConsumerSettings[], observe: Observe): Promise<Platform> {
  const app = {
    entry: "test/workers/parity/cloudflare-worker.ts",
    parts: {
      serviceBindings: { LOG: recorder(observe) },
      queueProducers: Object.fromEntries(consumers.map(({ queue }) => [`Q_${queue}`, { queueName: queue }])),
      queueConsumers: Object.fromEntries(
        consumers.map((consumer) => [
          consumer.queue,
          defined({
            maxBatchSize: consumer.max_batch_size,
            maxBatchTimeout: consumer.max_batch_timeout,
            maxRetries: consumer.max_retries,
            deadLetterQueue: consumer.dead_letter_queue,
            retryDelay: consumer.retry_delay,
          }),
        ]),
      ),
    },
  };
  return platformOf(await startWorkers({ app }));
}

export async function onEdgeq(consumers: readonly ConsumerSettings[], observe: Observe): Promise<Platform> {
  const producers = consumers.map(({ queue }) => [
    `Q_${queue}`,
    { name: "edgeq", entrypoint: "CloudflareQueue", props: { queue } },
  ]);
  const app = {
    entry: "test/workers/parity/edgeq-entry.ts",
    parts: { serviceBindings: { LOG: recorder(observe), ...Object.fromEntries(producers) } },
  };
  const edgeq = edgeqWorker({
    bindings: { EDGEQ_CONSUMERS: consumers.map((consumer) => ({ ...consumer, binding: "APP" })) },
    serviceBindings: { APP: { name: "app", entrypoint: "EdgeqConsumer" } },
  });
  return platformOf(await startWorkers({ app, edgeq }));
}

function platformOf(workers: Workers): Platform {
  return {
    async send(sending) {
      const { status, text } = await workers.fetch("/", { method: "POST", body: JSON.stringify(sending) });
      if (status !== 200) throw new Error(`sending failed: ${status} ${text}`);
    },
    stop: () => workers.stop(),
  };
}

function recorder(observe: Observe) {
  return async (request: { json(): Promise<unknown> }) => {
    observe((await request.json()) as Observation);
    return new Response("noted");
  };
}

function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
