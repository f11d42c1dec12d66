// The row of plain tasks that is kept in memory saves reads, and never tells what the rows do not.

import { describe, expect, test, vi } from "vitest";
import { ack, claim, claimOne, configure, enqueue, get, nack, payloads, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** How many statements `work` reads tasks with. */
async function readsOf(queue: MemoryQueue, work: () => Promise<unknown>): Promise<number> {
  const all = vi.spyOn(queue.sql, "all");
  await work();
  const reads = all.mock.calls.filter(([statement]) => statement.includes("FROM tasks")).length;
  all.mockRestore();
  return reads;
}

/** A queue all of whose levels and counts have been read. */
async function openQueue(): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  await configure(queue, {});
  await claim(queue);
  return queue;
}

describe("what is not read again", () => {
  test("a task that is claimed as soon as it came", async () => {
    const queue = await openQueue();
    await enqueue(queue, task("a"));
    expect(await readsOf(queue, () => claimOne(queue))).toBe(0);
  });

  test("a run that came to an empty queue, whether it is claimed at once or task by task", async () => {
    const queue = await openQueue();
    await enqueue(queue, ...numbers(10).map((number) => task(number)));
    const claimed: unknown[] = [];
    const reads = await readsOf(queue, async () => {
      for (const max of [1, 1, 8]) claimed.push(...payloads(await claim(queue, { max })));
    });
    expect({ reads, claimed }).toEqual({ reads: 0, claimed: numbers(10) });
  });

  test("a run of a backlog, after the first of its tasks", async () => {
    const queue = await openQueue();
    for (const first of [0, 50]) await enqueue(queue, ...numbers(50).map((number) => task(first + number)));
    const claimed = payloads(await claim(queue, { max: 50 }));
    claimed.push(...payloads(await claim(queue)));
    expect(await readsOf(queue, async () => claimed.push(...payloads(await claim(queue, { max: 49 }))))).toBe(0);
    expect(claimed).toEqual(numbers(100));
  });
});

describe("what is written to a row that is kept", () => {
  test("is what a claim gives", async () => {
    const queue = await openQueue();
    const [one] = await enqueue(queue, task("before"));
    const id = one?.id ?? "";
    await queue.operate("changeTask", { id, version: 1, change: { payload: '"after"' } });
    expect(payloads(await claim(queue, { max: 9 }))).toEqual(["after"]);
  });

  test("does not bring back what is gone", async () => {
    const queue = await openQueue();
    const [one] = await enqueue(queue, task("cancelled"));
    await queue.operate("cancelTask", { id: one?.id ?? "", force: false });
    expect(await claim(queue, { max: 9 })).toEqual([]);

    const [, second] = await enqueue(queue, task(1), task(2), task(3));
    await queue.operate("cancelTask", { id: second?.id ?? "", force: false });
    expect(payloads(await claim(queue, { max: 9 }))).toEqual([1, 3]);

    await enqueue(queue, task(4), task(5));
    await queue.operate("purge", null);
    expect(await claim(queue, { max: 9 })).toEqual([]);

    await enqueue(queue, task(6));
    await queue.operate("deleteQueue", null);
    await enqueue(queue, task(7));
    expect(payloads(await claim(queue, { max: 9 }))).toEqual([7]);
  });

  test("keeps the count of attempts, and the place in line", async () => {
    const queue = await openQueue();
    await enqueue(queue, task("first"));
    const held = await claimOne(queue);
    await nack(queue, held, { release: true });
    await enqueue(queue, task("second"));
    const [again, second] = await claim(queue, { max: 9 });
    expect(payloads([again, second].filter((one) => one !== undefined))).toEqual(["first", "second"]);
    expect([again?.version, (await get(queue, held.id)).version]).toEqual([4, 4]);
  });
});

test("a restart keeps nothing and loses nothing", async () => {
  const queue = await openQueue();
  await enqueue(queue, ...numbers(4).map((number) => task(number)));
  await ack(queue, await claimOne(queue));
  await queue.restart();
  expect(payloads(await claim(queue, { max: 9 }))).toEqual([1, 2, 3]);
});

test("a large payload is not kept", async () => {
  const queue = await openQueue();
  await enqueue(queue, task("x".repeat(100_000)));
  expect(await readsOf(queue, async () => expect(payloads(await claim(queue))).toHaveLength(1))).toBeGreaterThan(0);
});
