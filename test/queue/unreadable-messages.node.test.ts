// A message that its receiver cannot read, from another version or an imported file, is refused like one that there is no room for: it
// is set aside at its sender in the end, and holds up none of those after it for ever (P9).

import { beforeEach, expect, test, vi } from "vitest";
import type { Message } from "../../src/queue/queue.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { browseAll, claimOne, configure, enqueue, expectKind, nack, payloads, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

let orders: MemoryQueue;
let dead: MemoryQueue;

/** Each of these has died in `orders`, and is in its outbox. */
async function owed(...names: readonly string[]): Promise<void> {
  orders.deliver = () => Promise.reject(new Error("not there"));
  await configure(orders, { deadLetterQueue: "orders-dead", maxAttempts: 1, retentionMs: null });
  for (const name of names) {
    await enqueue(orders, task(name, { id: name }));
    await nack(orders, await claimOne(orders));
  }
  await orders.restart();
  orders.deliver = (receiver, messages) =>
    receiver === "orders-dead"
      ? dead.queue.receive("orders", messages)
      : Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
}

const outbox = async () =>
  expectKind(await orders.operate("listOutbox", { limit: 10, after: null }), "outbox").messages;

async function hours(count: number): Promise<void> {
  for (let minute = 0; minute < 60 * count; minute += 1) {
    orders.advance(60_000);
    await orders.sweep();
    for (let tick = 0; tick < 5; tick += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

beforeEach(() => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  orders = new MemoryQueue("orders");
  dead = new MemoryQueue("orders-dead");
});

test.each([`{}`, `[]`, `{"id":"two","lane":5,"priority":{}}`])(
  "one that says %j between others is set aside, saying why, and the others arrive",
  async (body) => {
    await owed("one", "two", "three");
    orders.sql.run(`UPDATE outbox SET body = ? WHERE json_extract(body, '$.id') = 'two'`, body);
    await orders.sweep();
    await expect.poll(async () => (await outbox()).length).toBe(2);
    expect(await outbox()).toMatchObject([{ state: "waiting", refusals: 1 }, { refusals: 0 }]);
    expect((await outbox())[0]?.error).toContain("cannot be read");

    await hours(2);
    expect(await outbox()).toMatchObject([{ state: "parked", refusals: LIMITS.outboxRefusals }]);
    expect(payloads(await browseAll(dead)).toSorted()).toEqual(["one", "three"]);
  },
);

test("none is set aside because its receiver's disk is full", async () => {
  await owed("one");
  const full = vi.spyOn(dead.sql, "run").mockImplementation(() => {
    throw new Error("database or disk is full");
  });
  await hours(2);
  expect(await outbox()).toMatchObject([{ state: "waiting", refusals: 0, error: "database or disk is full" }]);
  full.mockRestore();
  await hours(1);
  expect([await outbox(), payloads(await browseAll(dead))]).toEqual([[], ["one"]]);
});

test("one that cannot be read is taken once a later version can, sent again by hand", async () => {
  await owed("one");
  const later: Message["kind"][] = [];
  const receive = dead.queue.receive.bind(dead.queue);
  orders.sql.run(`UPDATE outbox SET body = json_set(body, '$.priority', json('{}'))`);
  await hours(2);
  expect(await outbox()).toMatchObject([{ state: "parked" }]);
  orders.sql.run(`UPDATE outbox SET body = json_set(body, '$.priority', 0)`);
  orders.deliver = (_receiver, messages) => {
    later.push(...messages.map(({ kind }) => kind));
    return receive("orders", messages);
  };
  await orders.operate("retryOutbox", { limit: 10 });
  await expect.poll(async () => (await outbox()).length).toBe(0);
  expect([later, payloads(await browseAll(dead))]).toEqual([["dead-letter"], ["one"]]);
});
