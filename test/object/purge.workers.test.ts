// A purge and a deletion of a large queue: empty to everybody at once, the rows gone turn by turn, others served between.

import { runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { claim, claimOne, configure, counts, enqueue, payloads, ref, task } from "../contract/builders.ts";
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

const KEYS = 5_000;

/** A queue whose keys are each blocked by a dead task, and have, every thousandth of them, a weight of its own. */
async function blocked(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { keys: { order: "strict" }, retentionMs: null });
  for (let first = 0; first < KEYS; first += 1_000) {
    await enqueue(queue, ...Array.from({ length: 1_000 }, (_, index) => task(index, { key: `key-${first + index}` })));
    const claims = (await claim(queue, { max: 1_000 })).map((one) => ({ claim: ref(one.claim), dead: true }));
    await queue.operate("nack", { claims });
    await queue.operate("setKey", { key: `key-${first}`, patch: { weight: 2 } });
  }
  expect(await counts(queue)).toEqual([0, 0, 0, KEYS]);
  return queue;
}

const storedKeys = (queue: ObjectQueue): Promise<number> =>
  runInDurableObject(
    queue.stub,
    (_, { storage }) => storage.sql.exec("SELECT count(*) AS keys FROM keys").one()["keys"] as number,
  );

const isBlocked = async (queue: ObjectQueue, key: string): Promise<boolean> => {
  const outcome = await queue.operate("getKey", { key });
  return outcome.kind === "key" && outcome.report.blockedBy.length > 0;
};

test("a purge unblocks any number of keys by a few rows; theirs go turn by turn, and keys that are blocked meanwhile stay so", async () => {
  const queue = await blocked();
  await runInDurableObject(queue.stub, async (object) => {
    const before = object.usage().rowsWritten;
    await object.operate("purge", null);
    expect(object.usage().rowsWritten - before).toBeLessThan(100);
  });
  for (const key of ["key-0", "key-1", "key-4999"]) expect(await isBlocked(queue, key)).toBe(false);
  // The last in the order of their names: what is left of the purge has not come to it.
  await enqueue(queue, task("dies", { key: "key-999" }), task("waits", { key: "key-999" }));
  await queue.operate("nack", { claims: [{ claim: ref((await claimOne(queue)).claim), dead: true }] });
  expect(await isBlocked(queue, "key-999")).toBe(true);
  await queue.crash();
  await queue.sweep();
  await vi.waitUntil(async () => (await storedKeys(queue)) === KEYS / 1_000 + 1, { timeout: 20_000, interval: 5 });
  expect(await isBlocked(queue, "key-999")).toBe(true);
  expect(await queue.operate("getKey", { key: "key-1000" })).toMatchObject({ report: { override: { weight: 2 } } });
  expect(await claim(queue)).toEqual([]);
});
