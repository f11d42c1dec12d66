// A purge and a deletion of a large queue: empty to everybody at once, the rows gone turn by turn, others served between.

import { runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { claimOne, configure, counts, enqueue, payloads, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const TASKS = 20_000;

const options = (number: number) => ({ id: `task-${number}`, delayMs: 1 + (number % 7) });

async function filled(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  for (let first = 0; first < TASKS; first += 1_000) {
    await enqueue(queue, ...Array.from({ length: 1_000 }, (_, index) => task(index, options(first + index))));
  }
  expect(await counts(queue)).toEqual([0, TASKS, 0, 0]);
  return queue;
}

const tablesOf = (queue: ObjectQueue): Promise<string[]> =>
  runInDurableObject(queue.stub, (_, { storage }) =>
    storage.sql
      .exec("SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE 'aside%'")
      .toArray()
      .map(({ name }) => name as string),
  );

test.each(["purge", "deleteQueue"] as const)(
  "%s: its own turn writes a few rows, whatever the queue holds",
  async (operation) => {
    const queue = await filled();
    const rows: number[] = [];
    const order: string[] = [];
    await runInDurableObject(queue.stub, async (object) => {
      const before = object.usage().rowsWritten;
      const removed = await object.operate(operation, null);
      rows.push(object.usage().rowsWritten - before);
      expect(removed).toMatchObject({ tasks: TASKS });
      const written = object.usage().rowsWritten;
      await object.operate("enqueue", { tasks: [task("next")] });
      order.push("enqueued");
      rows.push(object.usage().rowsWritten - written);
    });
    expect(rows[0]).toBeLessThan(100);
    // One slice of the removal may share the turn.
    expect(rows[1]).toBeLessThan(2_500);
    expect(await tablesOf(queue)).not.toEqual([]);
    expect(payloads([await claimOne(queue)])).toEqual(["next"]);
    await vi.waitUntil(async () => (await tablesOf(queue)).length === 0, { timeout: 20_000, interval: 5 });
    expect(await counts(queue)).toEqual([0, 0, 1, 0]);
  },
);

test("a crash in the middle loses nothing and brings nothing back; the alarm goes on with it", async () => {
  const queue = await filled();
  await queue.operate("purge", null);
  await queue.crash();
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
  await queue.sweep();
  await vi.waitUntil(async () => (await tablesOf(queue)).length === 0, { timeout: 20_000, interval: 5 });
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});
