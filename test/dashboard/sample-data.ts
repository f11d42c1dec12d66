// Queues as a shop would have them on a busy morning, with one of them in trouble: what the browser tests look at and the
// screenshots show.

import { Queue } from "../../src/client/index.ts";

const HOUR_MS = 3_600_000;
const CITIES = ["Lisbon", "Ghent", "Kraków", "Malmö", "Porto", "Graz", "Turku", "Bergen"];
const TOPICS = ["order.confirmed", "parcel.shipped", "password.reset", "review.invite", "invoice.ready"];

interface Failing {
  readonly queue: Queue;
  readonly error: string;
  readonly times: number;
}

/** Fills a server. Everything is made through the client, as its users would. */
export async function fillWithSampleData(url: string): Promise<void> {
  const queueOf = (name: string): Queue => new Queue(name, { url });
  await Promise.all([
    emails(queueOf("emails")),
    payments(queueOf("payments"), queueOf("payments-dead")),
    images(queueOf("image-resize")),
    webhooks(queueOf("partner-webhooks")),
    reports(queueOf("nightly-reports")),
    searchIndex(queueOf("search-index")),
    tenants(queueOf("tenant-jobs")),
    queueOf("audit-log").configure({ retentionMs: 30 * 24 * HOUR_MS }),
  ]);
}

function mail(at: number) {
  const to = `customer-${1_000 + at}@example.com`;
  return { to, template: TOPICS[at % TOPICS.length], locale: at % 3 === 0 ? "pt" : "en" };
}

async function emails(queue: Queue): Promise<void> {
  const tasks = Array.from({ length: 180 }, (_, at) => ({ payload: mail(at), lane: at % 4 === 0 ? "bulk" : "main" }));
  await queue.enqueueBatch(tasks);
  await queue.enqueueBatch(Array.from({ length: 40 }, (_, at) => ({ payload: mail(at), delayMs: (at + 1) * HOUR_MS })));
  for (const host of ["mailer-1", "mailer-2", "mailer-3"]) {
    await queue.claim({ max: 8, claimTimeoutMs: HOUR_MS, claimant: `${host}.fra` });
  }
}

async function payments(queue: Queue, dead: Queue): Promise<void> {
  await queue.configure({ deadLetterQueue: dead.name, maxAttempts: 1 });
  await queue.enqueueBatch(
    Array.from({ length: 26 }, (_, at) => ({
      id: `capture-${20_417 + at}`,
      payload: {
        order: `ord_${9_310 + at}`,
        amount: { value: 1_990 + 350 * at, currency: "EUR" },
        customer: { id: 4_200 + (at % 5), city: CITIES[at % CITIES.length] },
      },
      headers: {
        traceparent: `00-${"4bf92f3577b34da6a3ce929d0e0e47".padEnd(32, String(at % 10))}-00f067aa0ba902b7-01`,
      },
    })),
  );
  await fail({ queue, error: "GatewayTimeout: upstream card-gateway did not answer within 10000 ms", times: 9 });
  await fail({ queue, error: "CardDeclined: insufficient_funds for ord_9323", times: 4 });
  await queue.claim({ max: 3, claimTimeoutMs: HOUR_MS, claimant: "payments-worker-a" });
}

function picture(at: number) {
  return { key: `uploads/2026/11/${8_800 + at}.heic`, widths: [320, 800, 1_600], webp: true };
}

async function images(queue: Queue): Promise<void> {
  await queue.configure({ maxAttempts: 2, budget: { rowsPerHour: 2_000, usdPerDay: 0.5, onReach: "slow" } });
  await queue.enqueueBatch(
    Array.from({ length: 64 }, (_, at) => ({ id: `resize-${8_800 + at}`, payload: picture(at) })),
  );
  await fail({
    queue,
    error: 'DecodeError: unsupported brand "heix" at offset 8\n    at decode (heif.ts:212:11)',
    times: 5,
  });
  for (let round = 0; round < 2; round += 1) {
    await fail({ queue, error: "OutOfMemory: needed 812 MB for 24000x18000", times: 6, isLast: round === 1 });
  }
  await queue.claim({ max: 12, claimTimeoutMs: HOUR_MS, claimant: "resize-7f9c" });
}

async function webhooks(queue: Queue): Promise<void> {
  await queue.configure({ paused: true });
  await queue.enqueueBatch(
    Array.from({ length: 23 }, (_, at) => ({
      payload: { partner: at % 2 === 0 ? "parcelwise" : "stocksync", event: TOPICS[at % TOPICS.length], attempt: 1 },
    })),
  );
}

async function reports(queue: Queue): Promise<void> {
  await queue.enqueueBatch(
    CITIES.map((city, at) => ({ payload: { report: "sales-by-hour", city }, delayMs: (9 + at) * HOUR_MS })),
  );
}

async function searchIndex(queue: Queue): Promise<void> {
  await queue.enqueueBatch(
    Array.from({ length: 4 }, (_, at) => ({ payload: { product: 77_120 + at, change: "price" } })),
  );
  await queue.claim({ max: 4, claimTimeoutMs: HOUR_MS, claimant: "indexer-0" });
}

function exportsOf(key: string, times: number) {
  return Array.from({ length: times }, (_, at) => ({ key, payload: { export: `${key}-2026-11`, part: at } }));
}

/** One tenant has brought far more than all others. */
async function tenants(queue: Queue): Promise<void> {
  await queue.configure({ keys: { concurrency: 2 } });
  await queue.enqueueBatch([
    ...exportsOf("megacorp", 220),
    ...exportsOf("shop-17", 6),
    ...exportsOf("shop-4", 3),
    ...exportsOf("café-ø", 1),
  ]);
  await queue.claim({ max: 5, claimTimeoutMs: HOUR_MS, claimant: "exporter-2" });
}

/** Claims tasks and fails them; the last attempts make them dead. */
async function fail({ queue, error, times, isLast = true }: Failing & { readonly isLast?: boolean }): Promise<void> {
  const tasks = await queue.claim({ max: times, claimant: "worker" });
  for (const task of tasks) await queue.nack(task, { error, ...(isLast ? { dead: true } : { delayMs: 0 }) });
}
