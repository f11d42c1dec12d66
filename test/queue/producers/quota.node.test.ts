// How many producers a queue remembers (P10), and who makes way for whom.

import { expect, test, vi } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const PAYLOADS = [task("one")];

async function send(queue: MemoryQueue, owner: string, producers: readonly number[]): Promise<unknown[]> {
  const calls = producers.map((producer) =>
    queue.operate("enqueue", { tasks: PAYLOADS, call: { producer: `${owner} ${producer}`, number: 1, owner } }),
  );
  return Promise.all(calls);
}

const upTo = (count: number, from = 0): number[] => Array.from({ length: count }, (_, index) => from + index);

function rows(queue: MemoryQueue): unknown {
  return queue.sql.all("SELECT count(*) AS n FROM producers")[0]?.["n"];
}

test("a flood of producers by one token forgets its own, those that are silent longest first, and nobody else's", async () => {
  const queue = new MemoryQueue();
  const others = await send(queue, "other", [0]);
  const first = await send(queue, "flood", [0]);
  queue.advance(1);
  await send(queue, "flood", upTo(LIMITS.producersOfToken - 1, 1));
  expect(await send(queue, "flood", [0])).toEqual(first);
  await queue.restart();
  const [added] = await send(queue, "flood", [LIMITS.producersOfToken]);
  expect(rows(queue)).toBe(LIMITS.producersOfToken + 1);
  expect(await send(queue, "other", [0])).toEqual(others);
  expect(await send(queue, "flood", [LIMITS.producersOfToken])).toEqual([added]);
  expect(await send(queue, "flood", [0])).not.toEqual(first);
});

test("where all tokens together have too many, the one with most makes way", async () => {
  const queue = new MemoryQueue();
  const tokens = upTo(LIMITS.producers / LIMITS.producersOfToken);
  for (const token of tokens) await send(queue, `token ${token}`, upTo(LIMITS.producersOfToken));
  const few = await send(queue, "few", [0]);
  expect(rows(queue)).toBe(LIMITS.producers);
  for (const number of upTo(10, 1)) await send(queue, "few", [number]);
  expect(rows(queue)).toBe(LIMITS.producers);
  expect(await send(queue, "few", [0])).toEqual(few);
});

test("silent producers are removed when their time is over, and a new one of the name begins anew", async () => {
  const queue = new MemoryQueue();
  await queue.operate("configure", { settings: { dedupeMs: 60_000 } });
  const first = await send(queue, "one", [0, 1, 2]);
  queue.advance(120_000);
  expect(queue.alarmAt).toBeLessThanOrEqual(queue.now());
  const again = await send(queue, "two", [0]);
  expect(await send(queue, "one", [1])).not.toEqual(first.slice(1, 2));
  await queue.sweep();
  expect(rows(queue)).toBe(2);
  expect(await send(queue, "two", [0])).toEqual(again);
});

test("as many owners as producers are asked about in a few statements", async () => {
  const queue = new MemoryQueue();
  await queue.operate("configure", { settings: { dedupeMs: 60_000 } });
  for (const owner of upTo(2_000)) await send(queue, `token ${owner}`, [0]);
  const all = vi.spyOn(queue.sql, "all");
  queue.advance(1_000);
  await queue.sweep();
  queue.advance(60_000);
  await send(queue, "one more", [0]);
  await queue.sweep();
  expect(all.mock.calls.length).toBeLessThan(100);
});
