// Keys in a strict order and dead letters: what blocks a key is a task that has died and is not redriven, wherever it is meanwhile and
// whatever it is called or belongs to there.

import { expect, test } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { claim, claimOne, configure, enqueue, expectKind, get, nack, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const STRICT = { keys: { order: "strict" }, maxAttempts: 1 } as const;

/** Queues that send each other what they owe. */
function connected(...names: readonly string[]): MemoryQueue[] {
  const queues = names.map((name) => new MemoryQueue(name));
  for (const queue of queues) {
    queue.deliver = (receiver, messages) => {
      const other = queues.find(({ name }) => name === receiver);
      return other === undefined
        ? Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 })
        : other.queue.receive(queue.name, messages);
    };
  }
  return queues;
}

async function blockedBy(queue: MemoryQueue, key: string): Promise<readonly string[]> {
  return expectKind(await queue.operate("getKey", { key }), "key").report.blockedBy;
}

async function outboxOf(queue: MemoryQueue): Promise<number> {
  return expectKind(await queue.operate("getQueue", null), "queue").queue.stats.outbox;
}

test("a key stays blocked when its dead task, for which the outbox had no room, goes to the dead-letter queue after all", async () => {
  const [orders, dead] = connected("orders", "orders-dead") as [MemoryQueue, MemoryQueue];
  await configure(orders, { ...STRICT, deadLetterQueue: "orders-dead" });
  await enqueue(orders, task("first", { key: "a" }), task("second", { key: "a" }));
  orders.sql.run(
    `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${LIMITS.outboxMessages})
     INSERT INTO outbox (receiver, seq, kind, created_at, parked, body) SELECT 'away', i, 'insert', 1, 1, '{}' FROM n`,
  );
  await orders.restart();
  const first = await claimOne(orders);
  await nack(orders, first);
  expect(await get(orders, first.id)).toMatchObject({ state: "dead" });
  expect(await blockedBy(orders, "a")).toEqual([first.id]);

  orders.sql.run(`DELETE FROM outbox`);
  await orders.restart();
  await orders.sweep();
  await expect.poll(() => outboxOf(orders)).toBe(0);
  expect(await get(dead, first.id)).toMatchObject({ state: "ready", key: "a" });
  expect(await blockedBy(orders, "a")).toEqual([first.id]);
  expect(await claim(orders, { max: 2 })).toEqual([]);

  await dead.operate("redrive", { limit: 1 });
  await expect.poll(() => outboxOf(dead)).toBe(0);
  expect(await blockedBy(orders, "a")).toEqual([]);
  expect(payloads([await claimOne(orders)])).toEqual(["first"]);
});

test("a dead letter that was given another key comes back and frees the one that it had blocked", async () => {
  const [orders, dead] = connected("orders", "orders-dead") as [MemoryQueue, MemoryQueue];
  await configure(orders, { ...STRICT, deadLetterQueue: "orders-dead" });
  await enqueue(orders, task("first", { key: "a" }), task("second", { key: "a" }));
  await nack(orders, await claimOne(orders));
  await expect.poll(() => outboxOf(orders)).toBe(0);
  const letter = expectKind(await dead.operate("browse", { limit: 1, after: 0 }), "page").tasks[0];
  const { id = "", version = 0 } = letter ?? {};
  expectKind(await dead.operate("changeTask", { id, version, change: { key: "b" } }), "task");
  await dead.operate("redrive", { limit: 1, changedTo: ["orders"] });
  await expect.poll(() => outboxOf(dead)).toBe(0);
  expect([await blockedBy(orders, "a"), await blockedBy(orders, "b")]).toEqual([[], []]);
  expect(payloads(await claim(orders, { max: 3 })).toSorted()).toEqual(["first", "second"]);
});

test("a dead letter that has died here too, and gives up its id to a producer, blocks its key no longer once it is gone", async () => {
  const [, dead] = connected("orders", "orders-dead") as [MemoryQueue, MemoryQueue];
  const [orders] = connected("orders") as [MemoryQueue];
  orders.deliver = (receiver, messages) =>
    receiver === "orders-dead"
      ? dead.queue.receive("orders", messages)
      : Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
  await configure(orders, { maxAttempts: 1, deadLetterQueue: "orders-dead" });
  await configure(dead, STRICT);
  await enqueue(orders, task("first", { key: "a", id: "one" }));
  await nack(orders, await claimOne(orders));
  await expect.poll(() => outboxOf(orders)).toBe(0);
  await nack(dead, await claimOne(dead));
  expect(await blockedBy(dead, "a")).toEqual(["one"]);

  expect(await enqueue(dead, task("of a producer", { key: "a", id: "one" }))).toMatchObject([{ duplicate: false }]);
  const [letter] = expectKind(await dead.operate("browse", { limit: 1, after: 0, state: "dead" }), "page").tasks;
  expect(letter?.id).not.toBe("one");
  expect(await blockedBy(dead, "a")).toEqual([letter?.id]);
  expect(await claim(dead)).toEqual([]);
  expectKind(await dead.operate("cancelTask", { id: letter?.id ?? "", force: false }), "cancelled");
  expect(await blockedBy(dead, "a")).toEqual([]);
  expect(payloads([await claimOne(dead)])).toEqual(["of a producer"]);
});
