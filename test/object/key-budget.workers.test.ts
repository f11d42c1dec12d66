// The rows that keys cost (K5, K7), exactly: a keyed task is one entry of the index more than a plain one, and nothing else.

import { expect, test, vi } from "vitest";
import type { ClaimedTask } from "../../src/core/task.ts";
import { ack, claim, claimOne, configure, enqueue, nack, stats, task } from "../contract/builders.ts";
import type { SettingsPatch } from "../../src/core/settings.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

async function openQueue(settings: SettingsPatch): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, settings);
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 10_000 });
  return queue;
}

const rate = { limit: 100, periodMs: 1_000, burst: 100 };
const KEYS: readonly [string, SettingsPatch][] = [
  ["nothing set", {}],
  ["order fifo", { keys: { order: "fifo" } }],
  ["order strict", { keys: { order: "strict" } }],
  ["concurrency", { keys: { concurrency: 1 } }],
  ["a rate", { keys: { rate } }],
  ["a rate of the queue", { rate }],
  ["fairness share", { keys: { fairness: "share" } }],
  ["fairness none", { keys: { fairness: "none" } }],
];

test.each(KEYS)("with %s: 2 to enqueue, 1 to claim, 1 to ack", async (_name, settings) => {
  const queue = await openQueue(settings);
  expect(await queue.rowsWritten(() => enqueue(queue, task(1, { key: "a" })))).toBe(2);
  let held: ClaimedTask[] = [];
  expect(await queue.rowsWritten(async () => (held = await claim(queue, { max: 10 })))).toBe(1);
  expect(await queue.rowsWritten(() => ack(queue, ...held))).toBe(1);
});

test.each(KEYS)(
  "with %s: a claim over ten keys is one row, and one that finds every key limited none",
  async (_name, settings) => {
    const queue = await openQueue(settings);
    const ten = Array.from({ length: 10 }, (_value, n) => task(n, { key: `k${n}` }));
    await enqueue(queue, ...ten);
    expect(await queue.rowsWritten(() => claim(queue, { max: 10, claimTimeoutMs: 60_000 }))).toBe(1);
    expect(await queue.rowsWritten(() => claim(queue, { max: 10 }))).toBe(0);
  },
);

test("a nack is 2 rows where keys have no order, and 1 where the task keeps its place", async () => {
  for (const [order, rows] of [
    ["none", 2],
    ["fifo", 1],
    ["strict", 1],
  ] as const) {
    const queue = await openQueue({ keys: { order } });
    await enqueue(queue, task(1, { key: "a" }), task(2, { key: "a" }));
    const held = await claimOne(queue);
    expect(await queue.rowsWritten(() => nack(queue, held, { delayMs: 0 }))).toBe(rows);
  }
});

test("a task that comes up after another of its key was acked costs what any does", async () => {
  const queue = await openQueue({ keys: { concurrency: 1 } });
  await enqueue(queue, task(1, { key: "a" }), task(2, { key: "a" }));
  await ack(queue, await claimOne(queue));
  let held: ClaimedTask[] = [];
  expect(await queue.rowsWritten(async () => (held = await claim(queue, { max: 10 })))).toBe(1);
  expect(await queue.rowsWritten(() => ack(queue, ...held))).toBe(1);
});

test("a death that blocks its key is a row of the key more than one that does not", async () => {
  const rows: number[] = [];
  for (const order of ["fifo", "strict"] as const) {
    const queue = await openQueue({ keys: { order }, retentionMs: null });
    await enqueue(queue, task(1, { key: "a" }), task(2, { key: "a" }));
    const held = await claimOne(queue);
    rows.push(await queue.rowsWritten(() => nack(queue, held, { dead: true })));
  }
  expect((rows[1] ?? 0) - (rows[0] ?? 0)).toBe(1);
});

test("a key that is asked to rest is a row of the key more than a snooze", async () => {
  const queue = await openQueue({ retentionMs: null });
  await enqueue(queue, task(1, { key: "a" }));
  const held = await claimOne(queue);
  // The task's own two, as for a snooze, and the key's.
  expect(await queue.rowsWritten(() => nack(queue, held, { limitKey: true, delayMs: 1_000 }))).toBe(3);
});
