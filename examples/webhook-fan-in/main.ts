// Webhooks of several senders, signed, repeated and in bursts, into one table.

import { createHmac, timingSafeEqual } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { DatabaseSync } from "node:sqlite";
import { Queue } from "edgeq/client";
import { consumeBatches } from "edgeq/consumer";

interface Delivery {
  readonly sender: string;
  readonly event: { readonly id: string; readonly amount: number };
}

const SECRETS: Readonly<Record<string, string>> = { shop: "secret-1", billing: "secret-2", support: "secret-3" };

const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
// A queue of its own for each run of the example, since ids are remembered for five minutes.
const queue = new Queue<Delivery>(`webhooks-${Date.now()}`, { url, batch: { maxItems: 100, maxWaitMs: 5 } });

// The endpoint: check the signature, enqueue, answer. The sender's own id is the task's id, so that a delivery which the
// sender repeats, because our answer was late or lost, is one task.
const endpoint = createServer((request, response) => {
  void accept(request).then((status) => response.writeHead(status).end());
}).listen(0, "127.0.0.1");
await once(endpoint, "listening");
const { port } = endpoint.address() as AddressInfo;

// The consumer: writes a hundred rows in one transaction instead of one a hundred times.
const table = new DatabaseSync(":memory:");
table.exec("CREATE TABLE events (id TEXT PRIMARY KEY, sender TEXT, amount INTEGER)");
const insert = table.prepare("INSERT OR IGNORE INTO events VALUES (?, ?, ?)");
let batches = 0;
const consumer = consumeBatches<Delivery>(
  (tasks) => {
    batches += 1;
    table.exec("BEGIN");
    for (const { payload } of tasks) insert.run(payload.event.id, payload.sender, payload.event.amount);
    table.exec("COMMIT");
  },
  { queue, concurrency: 1, batch: { maxItems: 100, maxWaitMs: 200 }, waitMs: 1_000 },
);

// The senders: 100 events each, every third of them delivered twice, and one forgery.
const statuses = new Map<number, number>();
await Promise.all(
  Object.keys(SECRETS).map(async (sender) => {
    for (let n = 0; n < 100; n += 1) {
      const event = JSON.stringify({ id: `${sender}-${n}`, amount: n });
      for (let delivery = 0; delivery < (n % 3 === 0 ? 2 : 1); delivery += 1) {
        count(statuses, await deliver(sender, event, SECRETS[sender] ?? ""));
      }
    }
  }),
);
count(statuses, await deliver("shop", JSON.stringify({ id: "forged", amount: 1_000_000 }), "guessed"));

while (
  Object.values(await queue.stats())
    .slice(0, 3)
    .some((tasks) => Number(tasks) > 0)
) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await consumer.stop();
endpoint.close();

const { rows, total } = table.prepare("SELECT count(*) AS rows, sum(amount) AS total FROM events").get() as {
  rows: number;
  total: number;
};
console.log(`deliveries: ${statuses.get(202)} accepted, ${statuses.get(401)} refused`);
console.log(`table: ${rows} events, sum ${total}, in ${batches} batches`);
if (rows !== 300 || total !== 3 * 4_950 || statuses.get(401) !== 1) throw new Error("the table is wrong");

async function accept(request: IncomingMessage): Promise<number> {
  const sender = (request.url ?? "").slice(1);
  const body = Buffer.concat(await request.toArray());
  const secret = SECRETS[sender];
  if (secret === undefined || !isSigned(body, secret, String(request.headers["x-signature"]))) return 401;
  const event = JSON.parse(body.toString()) as Delivery["event"];
  await queue.enqueue({ sender, event }, { id: `${sender}/${event.id}` });
  return 202;
}

function isSigned(body: Buffer, secret: string, signature: string): boolean {
  const expected = createHmac("sha256", secret).update(body).digest();
  const given = Buffer.from(signature, "hex");
  return given.length === expected.length && timingSafeEqual(given, expected);
}

async function deliver(sender: string, body: string, secret: string): Promise<number> {
  const signature = createHmac("sha256", secret).update(body).digest("hex");
  const headers = { "x-signature": signature };
  return (await fetch(`http://127.0.0.1:${port}/${sender}`, { method: "POST", body, headers })).status;
}

function count(counts: Map<number, number>, status: number): void {
  counts.set(status, (counts.get(status) ?? 0) + 1);
}
