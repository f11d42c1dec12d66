// An alarm that rings again and again with nothing to do is slowed, and one that gets something done never is.

import { afterEach, expect, test, vi } from "vitest";
import { claimOne, configure, enqueue, payloads, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

afterEach(() => void vi.restoreAllMocks());

const FREE = 16;

/** What is due always, and does nothing. */
async function openWithLoop(): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  await configure(queue, { retentionMs: null });
  queue.queue.follow(
    "loop",
    () => {},
    () => queue.now(),
  );
  return queue;
}

/** How long after each of so many rings the next comes. */
async function rings(queue: MemoryQueue, count: number): Promise<number[]> {
  const waits: number[] = [];
  for (let ring = 0; ring < count; ring += 1) {
    await queue.sweep();
    const next = queue.alarmAt ?? Number.POSITIVE_INFINITY;
    waits.push(next - queue.now());
    queue.advance(Math.max(1, next - queue.now()));
  }
  return waits;
}

test("after 16 rings without progress each further one waits twice as long, up to a minute, with one line in the log", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const queue = await openWithLoop();
  // Before the first somebody had asked for something, and the registration left the outbox before the second.
  await rings(queue, 2);
  const waits = await rings(queue, 40);
  expect(waits.slice(0, FREE)).toEqual(Array.from({ length: FREE }, () => 0));
  expect(waits.slice(FREE, FREE + 6)).toEqual([1, 2, 4, 8, 16, 32]);
  expect(waits.slice(-5)).toEqual([60_000, 60_000, 60_000, 60_000, 60_000]);
  expect(log.mock.calls).toEqual([["the alarm rings without progress and is slowed", "loop"]]);
  expect(queue.queue.meter.breaker.restMs).toBe(60_000);
});

test("what somebody asks for, and what is written, make it prompt again", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const queue = await openWithLoop();
  await rings(queue, 30);
  expect(queue.queue.meter.breaker.restMs).toBeGreaterThan(1_000);
  await enqueue(queue, task("kept"));
  await claimOne(queue, { claimTimeoutMs: 5 });
  await rings(queue, 1);
  expect(queue.queue.meter.breaker.restMs).toBe(0);
  await rings(queue, 40);
  const slowed = queue.queue.meter.breaker.restMs;
  expect(slowed).toBeGreaterThan(1_000);
  expect(payloads([await claimOne(queue)])).toEqual(["kept"]);
});

test("a queue whose alarm has something to do, or nothing soon, is not slowed however often it rings", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { retentionMs: null, maxAttempts: null });
  await enqueue(queue, task(1));
  for (let ring = 0; ring < 60; ring += 1) {
    await claimOne(queue, { claimTimeoutMs: 1 });
    queue.advance(2);
    await queue.sweep();
    expect(queue.queue.meter.breaker.restMs).toBe(0);
  }
  const later = new MemoryQueue();
  await configure(later, { retentionMs: null });
  later.queue.follow(
    "later",
    () => {},
    () => later.now() + 30_000,
  );
  await rings(later, 60);
  expect(later.queue.meter.breaker.restMs).toBe(0);
});
