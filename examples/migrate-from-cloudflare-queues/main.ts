// `npm run example:migrate-from-cloudflare-queues`: the same Worker before and after the move, side by side.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "smol-toml";
import { edgeqWorker, startWorkers, type ServiceBindings, type Workers } from "../../scripts/miniflare-workers.ts";

interface Wrangler {
  readonly main: string;
  readonly queues: {
    readonly producers: readonly { readonly binding: string; readonly queue: string }[];
    readonly consumers: readonly {
      readonly queue: string;
      readonly max_batch_size?: number;
      readonly max_batch_timeout?: number;
      readonly max_retries?: number;
      readonly dead_letter_queue?: string;
    }[];
  };
  readonly services: readonly {
    readonly binding: string;
    readonly service: string;
    readonly entrypoint: string;
    readonly props?: Record<string, unknown>;
  }[];
  readonly vars: { readonly EDGEQ_CONSUMERS: unknown };
}

const UPLOADS = [
  { name: "a.jpg", bytes: 10 },
  { name: "empty.jpg", bytes: 0 },
  { name: "c.jpg", bytes: 30 },
  { name: "d.jpg", bytes: 40 },
];
/** Nothing more is to come when the store has this, and nothing else has come for a while. */
const EXPECTED = [
  "broken/empty.jpg",
  "thumbnail/a.jpg/attempt-1",
  "thumbnail/c.jpg/attempt-1",
  "thumbnail/d.jpg/attempt-1",
];
const QUIET_MS = 3_000;

const before = wrangler("wrangler.before.toml");
const after = wrangler("wrangler.after.toml");
const edgeq = wrangler("wrangler.edgeq.toml");
const [onCloudflare, onEdgeq] = await Promise.all([
  storeOf((store) =>
    startWorkers({
      thumbnails: {
        entry: join("examples/migrate-from-cloudflare-queues", before.main),
        parts: {
          serviceBindings: store,
          queueProducers: Object.fromEntries(before.queues.producers.map(({ binding, queue }) => [binding, queue])),
          queueConsumers: Object.fromEntries(
            before.queues.consumers.map((consumer) => [
              consumer.queue,
              {
                maxBatchSize: consumer.max_batch_size ?? 10,
                maxBatchTimeout: consumer.max_batch_timeout ?? 5,
                maxRetries: consumer.max_retries ?? 3,
                ...(consumer.dead_letter_queue === undefined ? {} : { deadLetterQueue: consumer.dead_letter_queue }),
              },
            ]),
          ),
        },
      },
    }),
  ),
  storeOf((store) =>
    startWorkers({
      thumbnails: {
        entry: join("examples/migrate-from-cloudflare-queues", after.main),
        parts: { serviceBindings: { ...store, ...servicesOf(after) } },
      },
      edgeq: edgeqWorker({
        serviceBindings: servicesOf(edgeq),
        bindings: { EDGEQ_CONSUMERS: edgeq.vars.EDGEQ_CONSUMERS as never },
      }),
    }),
  ),
]);

console.log(`on Cloudflare Queues: ${onCloudflare.join(" ")}`);
console.log(`on edgeq:             ${onEdgeq.join(" ")}`);
if (onCloudflare.join() !== EXPECTED.join() || onEdgeq.join() !== EXPECTED.join()) throw new Error("they differ");
console.log("the same");

function wrangler(file: string): Wrangler {
  return parse(readFileSync(join(import.meta.dirname, file), "utf8")) as unknown as Wrangler;
}

function servicesOf({ services }: Wrangler): ServiceBindings {
  return Object.fromEntries(
    services.map(({ binding, service, entrypoint, props }) => [
      binding,
      { name: service, entrypoint, ...(props === undefined ? {} : { props }) },
    ]),
  );
}

/** Sends the uploads to the Worker, and answers with what it stored, in the order of the alphabet. */
async function storeOf(start: (store: ServiceBindings) => Promise<Workers>): Promise<string[]> {
  const stored: string[] = [];
  let lastAt = Date.now();
  const STORE = (request: { readonly url: string }): Response => {
    stored.push(new URL(request.url).pathname.slice(1));
    lastAt = Date.now();
    return new Response("stored");
  };
  const workers = await start({ STORE });
  try {
    await workers.fetch("/", { method: "POST", body: JSON.stringify(UPLOADS) });
    const limitAt = Date.now() + 40_000;
    while (stored.length < EXPECTED.length || Date.now() - lastAt < QUIET_MS) {
      if (Date.now() > limitAt) break;
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  } finally {
    await workers.stop();
  }
  return stored.sort();
}
