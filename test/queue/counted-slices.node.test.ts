// What a turn looks at to count tasks is bounded, in however many lanes, priorities and keys they are delayed, and so is what is kept.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { claim, configure, counts, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const DELAY_MS = 60_000;

type Options = Parameters<typeof task>[1];

async function delayed(pairs: number, options: (number: number) => Options): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  await configure(queue, { retentionMs: null });
  const visibleAt = queue.now() + DELAY_MS;
  for (let first = 0; first < pairs; first += 1_000) {
    const tasks = Array.from({ length: 1_000 }, (_, index) => task(1, { ...options(first + index), visibleAt }));
    await enqueue(queue, ...tasks);
  }
  expect(await counts(queue)).toEqual([0, pairs, 0, 0]);
  return queue;
}

/** The most statements that one turn runs while something is done. */
async function mostInTurn({ sql }: MemoryQueue, act: () => Promise<unknown>): Promise<number> {
  let most = 0;
  let statements = 0;
  const all = sql.all.bind(sql);
  const transaction = sql.transaction.bind(sql);
  sql.all = (...asked) => {
    statements += 1;
    return all(...asked);
  };
  sql.transaction = (change) => {
    statements = 0;
    const result = transaction(change);
    most = Math.max(most, statements);
    return result;
  };
  await act();
  Object.assign(sql, { all, transaction });
  return most;
}

const places = (number: number) => ({ lane: `lane-${number % 500}`, priority: Math.floor(number / 500) % 20 });

test("tasks of 10,000 lanes and priorities that become visible at one instant are counted some at a time", async () => {
  const queue = await delayed(10_000, places);
  queue.advance(DELAY_MS - 1);
  expect(await counts(queue)).toEqual([0, 10_000, 0, 0]);
  queue.advance(1);
  const most = await mostInTurn(queue, async () => expect(await counts(queue)).toEqual([10_000, 0, 0, 0]));
  expect(most).toBeLessThan(8_000);
  expect(await mostInTurn(queue, () => enqueue(queue, task(1)))).toBeLessThan(8_000);
});

test("of more lanes, priorities and keys than are kept, tasks count as delayed for up to a minute after they are", async () => {
  const more = LIMITS.delayedKept + 1_000;
  const queue = await delayed(more, (number) => ({ key: `key-${number}` }));
  await enqueue(queue, task("soon", { delayMs: 1_000 }));
  queue.advance(1_000);
  expect(await counts(queue)).toEqual([0, more + 1, 0, 0]);
  // What is claimed is not delayed, and no count is negative.
  expect(await claim(queue, { max: 10, claimTimeoutMs: 600_000 })).toHaveLength(1);
  expect(await counts(queue)).toEqual([0, more, 1, 0]);
  queue.advance(DELAY_MS - 1_000);
  expect(await counts(queue)).toEqual([more, 0, 1, 0]);
  await enqueue(queue, task("soon", { delayMs: 1_000 }));
  queue.advance(1_000);
  expect(await counts(queue)).toEqual([more + 1, 0, 1, 0]);
});
