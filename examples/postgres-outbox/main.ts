// Orders in Postgres, and a task for each: both or neither, whatever dies when. PGlite is Postgres in this process, so that the example
// needs no server of it; with `pg` the SQL is the same.

import { PGlite } from "@electric-sql/pglite";
import { Queue } from "edgeq/client";
import { consume } from "edgeq/consumer";
import { relay } from "./relay.ts";

interface Order {
  readonly order: number;
}

const ORDERS = 200;
const url = process.env["EDGEQ_URL"] ?? "http://127.0.0.1:8787";
// A queue of its own for each run of the example, since ids are remembered.
const shipping = new Queue<Order>(`shipping-${Date.now()}`, { url });
// The relay's: what the table holds has no type.
const outgoing = new Queue(shipping.name, { url });
// For as long as a relay may be down between the enqueue and the delete. The consumer's own table holds for ever.
await shipping.configure({ dedupeMs: 7 * 86_400_000, backoff: { minMs: 50 } });

const db = new PGlite();
await db.exec(`
  CREATE TABLE orders (id integer PRIMARY KEY, shipped integer NOT NULL DEFAULT 0);
  CREATE TABLE outbox (position bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, task jsonb NOT NULL);
  CREATE TABLE handled (task_id text PRIMARY KEY, at timestamptz NOT NULL DEFAULT now());
`);

// The shop: the order and its task in one transaction. Every fifth is rolled back, and leaves neither.
async function place(order: number): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.query("INSERT INTO orders (id) VALUES ($1)", [order]);
    // A task as `enqueueBatch` takes it. Its id says what it is for, so it is the same whoever sends it, however often.
    await tx.query("INSERT INTO outbox (task) VALUES ($1)", [{ id: `order-${order}/ship`, payload: { order } }]);
    if (order % 5 === 0) await tx.rollback();
  });
}

// The consumer: the effect and the task's id in one transaction, so that a task which is delivered twice is done once.
let again = 0;
const consumer = consume<Order>(
  async ({ id, payload: { order }, attempts }) => {
    await db.transaction(async (tx) => {
      const first = await tx.query("INSERT INTO handled (task_id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING 1", [
        id,
      ]);
      if (first.rows.length === 0) again += 1;
      else await tx.query("UPDATE orders SET shipped = shipped + 1 WHERE id = $1", [order]);
    });
    // As if the process had died after its commit and before its ack.
    if (order % 10 === 1 && attempts === 1) throw new Error("killed before the ack");
  },
  { queue: shipping, waitMs: 1_000, breaker: false, logger: null },
);

// A relay that dies between its enqueue and its delete: the tasks are in edgeq and in the table.
const dying = {
  query: (sql: string, parameters?: unknown[]) =>
    sql.startsWith("DELETE") ? Promise.reject(new Error("killed before the delete")) : db.query(sql, parameters),
};

let sent = 0;
for (let order = 1; order <= ORDERS; order += 1) {
  await place(order);
  if (order % 40 === 0) await relay(dying, outgoing).catch(() => {});
  if (order % 50 === 0) sent += await relay(db, outgoing);
}
while ((await count("SELECT count(*) AS n FROM orders WHERE shipped = 0")) > 0 || (await isWaiting())) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
await consumer.stop();

const orders = await count("SELECT count(*) AS n FROM orders");
const once = await count("SELECT count(*) AS n FROM orders WHERE shipped = 1");
console.log(`orders: ${orders} committed, ${ORDERS - orders} rolled back; ${sent} tasks sent`);
console.log(`shipped: ${once}, each once; ${again} tasks came a second time`);
if (orders !== 160 || once !== orders || sent !== orders) throw new Error("an order is lost, or was shipped twice");
await db.close();

async function count(sql: string): Promise<number> {
  const { rows } = await db.query<{ n: number }>(sql);
  return rows[0]?.n ?? 0;
}

async function isWaiting(): Promise<boolean> {
  const { ready, delayed, claimed } = await shipping.stats();
  return ready + delayed + claimed > 0;
}
