// One Worker on two platforms: on the simulator of Cloudflare Queues, and on edgeq, both in miniflare. The Worker's source is
// the same; what differs is what its owner would change: the bindings, and the entrypoint.

import { resolve } from "node:path";
import { build } from "esbuild";
import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import type { Observation, Sending } from "./parity-script.ts";

/** A queue and its consumer, in wrangler's words. */
export interface ConsumerSettings {
  readonly queue: string;
  readonly max_batch_size?: number;
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

const PROJECT_DIR = resolve(import.meta.dirname, "../..");
const WORKER = { modules: true, compatibilityDate: "2026-08-15", compatibilityFlags: ["enable_request_signal"] };

export async function onCloudflare(consumers: readonly ConsumerSettings[], observe: Observe): Promise<Platform> {
  return platform({
    workers: [
      {
        ...WORKER,
        name: "app",
        script: await bundled("test/workers/parity/cloudflare-worker.ts"),
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
    ],
  });
}

export async function onEdgeq(consumers: readonly ConsumerSettings[], observe: Observe): Promise<Platform> {
  return platform({
    workers: [
      {
        ...WORKER,
        name: "app",
        script: await bundled("test/workers/parity/edgeq-entry.ts"),
        serviceBindings: {
          LOG: recorder(observe),
          ...Object.fromEntries(
            consumers.map(({ queue }) => [
              `Q_${queue}`,
              { name: "edgeq", entrypoint: "CloudflareQueue", props: { queue } },
            ]),
          ),
        },
      },
      {
        ...WORKER,
        name: "edgeq",
        script: await bundled("src/index.ts"),
        bindings: { EDGEQ_CONSUMERS: consumers.map((consumer) => ({ ...consumer, binding: "APP" })) },
        serviceBindings: { APP: { name: "app", entrypoint: "EdgeqConsumer" } },
        durableObjects: {
          QUEUE: { className: "QueueObject", useSQLite: true },
          DIRECTORY: { className: "DirectoryObject", useSQLite: true },
        },
      },
    ],
  });
}

async function platform(options: Parameters<typeof convertV4MiniflareOptions>[0]): Promise<Platform> {
  const miniflare = new Miniflare(convertV4MiniflareOptions({ ...options, host: "127.0.0.1", port: 0 }));
  await miniflare.ready;
  return {
    async send(sending) {
      const response = await miniflare.dispatchFetch("http://app/", { method: "POST", body: JSON.stringify(sending) });
      if (!response.ok) throw new Error(`sending failed: ${response.status} ${await response.text()}`);
      await response.text();
    },
    stop: () => miniflare.dispose(),
  };
}

function recorder(observe: Observe) {
  return async (request: { json(): Promise<unknown> }) => {
    observe((await request.json()) as Observation);
    return new Response("noted");
  };
}

async function bundled(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    absWorkingDir: PROJECT_DIR,
    bundle: true,
    write: false,
    format: "esm",
    platform: "browser",
    conditions: ["workerd", "worker", "browser"],
    target: "es2024",
    external: ["cloudflare:*", "node:*"],
    loader: { ".html": "text", ".txt": "text" },
    logLevel: "warning",
  });
  const [module] = outputFiles;
  if (module === undefined) throw new Error(`esbuild made nothing of ${entry}`);
  return module.text;
}

function defined(members: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}
