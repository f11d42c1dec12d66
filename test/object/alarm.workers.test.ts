// The alarm makes things prompt and nothing more (P13): lost, late, early, twice or failing, no promise depends on it.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  payloads,
  stats,
  task,
} from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const alarmAt = (queue: ObjectQueue): Promise<number | null> =>
  runInDurableObject(queue.stub, (_, { storage }) => storage.getAlarm());

const withoutAlarm = (queue: ObjectQueue): Promise<void> =>
  runInDurableObject(queue.stub, (_, { storage }) => storage.deleteAlarm());

/** A queue whose registration has arrived and whose alarm has rung: nothing is due. */
async function openIdle(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 20_000 });
  while (await runDurableObjectAlarm(queue.stub));
  expect(await alarmAt(queue)).toBeNull();
  return queue;
}

test("a claim sets the alarm to its deadline, and a sooner one sets it forward", async () => {
  const queue = await openIdle();
  await enqueue(queue, task(1), task(2));
  await claimOne(queue, { claimTimeoutMs: 60_000 });
  expect(await alarmAt(queue)).toBe(queue.now() + 60_000);
  await claimOne(queue, { claimTimeoutMs: 5_000 });
  expect(await alarmAt(queue)).toBe(queue.now() + 5_000);
});

test("the alarm ends claims, and sets itself for the next", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { maxAttempts: 1 });
  await enqueue(queue, task(1), task(2));
  await claimOne(queue, { claimTimeoutMs: 5_000 });
  await claimOne(queue, { claimTimeoutMs: 9_000 });
  queue.advance(5_000);
  expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
  expect(payloads(await browseAll(queue, "dead"))).toEqual([1]);
  expect(await alarmAt(queue)).toBe(queue.now() + 4_000);
});

test.each([3_600_000, 86_400_000])(
  "a clock that is set back by %d ms delays what is due by a tenth, and sets no alarm anew with each turn",
  async (backMs) => {
    const queue = await openIdle();
    await configure(queue, { maxAttempts: 1 });
    await enqueue(queue, task(1));
    await claimOne(queue, { claimTimeoutMs: 9_000 });
    queue.advance(-backMs);
    const setAt = queue.now();
    await enqueue(queue, task(2));
    const ringAt = await alarmAt(queue);
    expect(ringAt).toBe(setAt + 10_000);
    queue.advance(1_234);
    await enqueue(queue, task(3));
    expect(await alarmAt(queue)).toBe(ringAt);
    queue.advance(10_000 - 1_234);
    expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
    expect(payloads(await browseAll(queue, "dead"))).toEqual([1]);
  },
);

test("a lost alarm delays nobody who asks", async () => {
  const queue = new ObjectQueue();
  await enqueue(queue, task(1), task(2, { delayMs: 5_000 }));
  const held = await claimOne(queue, { claimTimeoutMs: 5_000 });
  await withoutAlarm(queue);
  queue.advance(5_000);
  await queue.restart();
  expect(payloads(await claim(queue, { max: 5 }))).toEqual([1, 2]);
  expect(await ack(queue, held)).toEqual(["claim-lost"]);
});

test("an alarm that the platform lost is set again by the next request, a minute after it was due", async () => {
  const queue = await openIdle();
  await configure(queue, { maxAttempts: 1 });
  await enqueue(queue, task(1));
  await claimOne(queue, { claimTimeoutMs: 5_000 });
  await withoutAlarm(queue);
  queue.advance(64_999);
  await stats(queue);
  expect(await alarmAt(queue)).toBeNull();
  queue.advance(1);
  await stats(queue);
  expect(await alarmAt(queue)).toBe(queue.now() + 1);
  queue.advance(1);
  expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
  expect(payloads(await browseAll(queue, "dead"))).toEqual([1]);
});

test("an alarm that the platform refuses to set is set by the next request", async () => {
  const queue = await openIdle();
  await enqueue(queue, task(1));
  await runInDurableObject(queue.stub, (_, { storage }) => {
    vi.spyOn(storage, "setAlarm").mockRejectedValue(
      new Error("Exceeded the account's spending cap for Durable Objects."),
    );
  });
  await claimOne(queue, { claimTimeoutMs: 5_000 });
  const dueAt = queue.now() + 5_000;
  expect(await alarmAt(queue)).toBeNull();
  vi.restoreAllMocks();
  queue.advance(1_000);
  await stats(queue);
  expect(await alarmAt(queue)).toBe(dueAt);
});

test("an alarm that was taken away while the object slept is set by the next request", async () => {
  const queue = await openIdle();
  await enqueue(queue, task(1));
  await claimOne(queue, { claimTimeoutMs: 5_000 });
  const dueAt = queue.now() + 5_000;
  await withoutAlarm(queue);
  await queue.restart();
  expect(await alarmAt(queue)).toBeNull();
  await stats(queue);
  expect(await alarmAt(queue)).toBe(dueAt);
});

test("an alarm that comes again at once, or before anything is due, changes nothing", async () => {
  const queue = new ObjectQueue();
  await enqueue(queue, task(1), task(2, { delayMs: 5_000 }));
  const held = await claimOne(queue, { claimTimeoutMs: 5_000 });
  await queue.sweep();
  await queue.sweep();
  expect(await counts(queue)).toEqual([0, 1, 1, 0]);
  expect(await ack(queue, held)).toEqual(["ok"]);
});

test("a queue sets no alarm for tasks that wait, delayed or not, and one that was only looked at none at all", async () => {
  const queue = await openIdle();
  await enqueue(queue, task(1), task(2, { delayMs: 1_000 }));
  expect(await alarmAt(queue)).toBeNull();
  const unwritten = new ObjectQueue();
  await claim(unwritten);
  expect(await alarmAt(unwritten)).toBeNull();
});

test("a parked claim gets a delayed task when its time has come, without an alarm", async () => {
  vi.useRealTimers();
  const queue = new ObjectQueue();
  await enqueue(queue, task("later", { delayMs: 60 }));
  await withoutAlarm(queue);
  const parked = await queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 10_000 });
  if (parked.kind !== "claimed") throw new Error(parked.kind);
  expect(payloads(parked.tasks)).toEqual(["later"]);
  expect(Date.now()).toBeGreaterThanOrEqual(parked.tasks[0]?.visibleAt ?? Number.POSITIVE_INFINITY);
});

test("a parked claim gets a task whose claim runs out, without an alarm", async () => {
  vi.useRealTimers();
  const queue = new ObjectQueue();
  await enqueue(queue, task("again"));
  await claimOne(queue, { claimTimeoutMs: 60 });
  await withoutAlarm(queue);
  const parked = await queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 10_000 });
  expect(parked).toMatchObject({ kind: "claimed", tasks: [{ attempts: 2 }] });
});

test.each([
  ["a remembered id", { dedupeMs: 2_000, retentionMs: null }, { id: "a" }, true],
  ["a TTL", { dedupeMs: 0, retentionMs: null }, { ttlMs: 2_000, delayMs: 1_000 }, false],
  ["the retention", { dedupeMs: 0, retentionMs: 2_000 }, {}, false],
] as const)(
  "the alarm that %s sets removes what is due, and then none is set",
  async (_name, settings, options, isDone) => {
    const queue = await openIdle();
    await configure(queue, settings);
    await enqueue(queue, task("once", options));
    if (isDone) await ack(queue, await claimOne(queue));
    // Asleep from now on: each alarm wakes a new instance.
    let alarms = 0;
    for (; (await alarmAt(queue)) !== null && alarms < 10; alarms += 1) {
      await queue.restart();
      vi.setSystemTime(Math.max(Date.now(), (await alarmAt(queue)) ?? 0));
      await runDurableObjectAlarm(queue.stub);
    }
    expect(alarms).toBeLessThanOrEqual(3);
    const rows = await runInDurableObject(queue.stub, (_, { storage }) =>
      storage.sql.exec("SELECT count(*) AS n FROM tasks").one(),
    );
    expect(rows).toEqual({ n: 0 });
  },
);
