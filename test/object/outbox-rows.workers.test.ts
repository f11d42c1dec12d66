// What an outbox of many messages costs those who do not ask for it: rows read, counted.

import { runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { configure, stats, task } from "../contract/builders.ts";
import { modify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, newQueueName, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

async function rowsRead(queue: ObjectQueue, act: () => Promise<unknown>): Promise<number> {
  const count = (): Promise<number> => runInDurableObject(queue.stub, (object) => object.usage().rowsRead);
  const before = await count();
  await act();
  return (await count()) - before;
}

/** A queue that wakes with so many messages parked for a receiver. */
async function openWithParked(receiver: string, messages: number): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, {});
  await delivered(queue);
  await runInDurableObject(queue.stub, (_, { storage }) =>
    storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO outbox (receiver, seq, kind, created_at, parked, body, payload) SELECT ?, i, 'insert', 0, 1, '{}', '1' FROM n`,
      messages,
      receiver,
    ),
  );
  await queue.crash();
  return queue;
}

test("stats of an outbox of a million messages read what those of an empty one read", async () => {
  const empty = await openWithParked("nobody", 1);
  const full = await openWithParked("nobody", 1_000_000);
  for (const queue of [empty, full]) await stats(queue);
  const few = await rowsRead(empty, () => stats(empty));
  expect(await rowsRead(full, () => stats(full))).toBe(few);
  expect((await stats(full)).outbox).toBe(1_000_000);
});

test("what is parked for a receiver is not read again with each message that is sent to it", async () => {
  const to = newQueueName();
  const send = async (queue: ObjectQueue, parked: number): Promise<void> => {
    await modify(queue, { insert: [{ task: task(1), queue: to }] });
    await vi.waitUntil(async () => (await stats(queue)).outbox === parked, { timeout: 20_000, interval: 20 });
  };
  const few = await openWithParked(to, 10);
  const many = await openWithParked(to, 10_000);
  await send(few, 10);
  await send(many, 10_000);
  const read = [await rowsRead(few, () => send(few, 10)), await rowsRead(many, () => send(many, 10_000))];
  for (const rows of read) expect(rows).toBeLessThan(5_000);
});
