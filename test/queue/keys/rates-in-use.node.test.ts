// What is remembered of keys' rates is bounded, in memory and in rows of claims, and nothing of it that matters is forgotten (K1, K6).

import { expect, test } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { ack, claim, claimOne, configure, enqueue, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const DAY_MS = 86_400_000;

const rowsOfClaims = ({ sql }: MemoryQueue) => Number(sql.all("SELECT count(*) AS rows FROM claims")[0]?.["rows"]);

async function once(queue: MemoryQueue, first: number, keys: number): Promise<void> {
  await enqueue(queue, ...Array.from({ length: keys }, (_, index) => task(1, { key: `key-${first + index}` })));
  const claimed = await claim(queue, { max: keys });
  expect(claimed).toHaveLength(keys);
  await ack(queue, ...claimed);
}

const limitedOf = async (queue: MemoryQueue, key: string): Promise<unknown> => {
  const outcome = await queue.operate("getKey", { key });
  return outcome.kind === "key" ? outcome.report.limited : outcome;
};

const creditOf = async (queue: MemoryQueue, key: string): Promise<number> => {
  const outcome = await queue.operate("getKey", { key });
  return outcome.kind === "key" ? (outcome.report.credit ?? 0) : 0;
};

test("as many keys as are kept may have used their rate; tasks of further ones wait until a thousand have rested", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { rate: { limit: 1, periodMs: DAY_MS, burst: 1 } }, retentionMs: null });
  const begunAt = queue.now();
  for (let first = 0; first < LIMITS.ratesKept; first += 1_000) {
    await once(queue, first, 1_000);
    queue.advance(1_000);
  }
  await enqueue(queue, task("further", { key: "further" }), task("again", { key: "key-0" }));
  const freeAt = begunAt + DAY_MS;
  for (const restart of [false, true]) {
    if (restart) await queue.restart();
    expect(await queue.operate("claim", { max: 10, lanes: { inOrder: ["main"] } })).toMatchObject({
      tasks: [],
      nextAt: freeAt,
    });
    expect(await limitedOf(queue, "further")).toEqual({ by: "rate", until: freeAt });
    expect(await limitedOf(queue, "key-0")).toEqual({ by: "rate", until: freeAt });
    expect(await limitedOf(queue, "key-99999")).toEqual({ by: "rate", until: freeAt + 99_000 });
  }
  queue.advance(freeAt - 1 - queue.now());
  expect(await claim(queue, { max: 10 })).toEqual([]);
  queue.advance(1);
  expect((await claim(queue, { max: 10 })).map(({ key }) => key).toSorted()).toEqual(["further", "key-0"]);
  // A thousand have rested, and two of these places are in use again.
  await enqueue(queue, ...Array.from({ length: 1_000 }, (_, index) => task(1, { key: `new-${index}` })));
  expect(await claim(queue, { max: 1_000 })).toHaveLength(998);
});

test("claims' rows that remember rates are put together, however many calls took tasks of a key", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { rate: { limit: 10_000, periodMs: DAY_MS, burst: 5_000 } }, retentionMs: null });
  await enqueue(queue, ...Array.from({ length: 1_000 }, (_, n) => task(n, { key: `key-${n % 3}` })));
  const written = queue.sql.rowsWritten;
  for (let call = 0; call < 3_000; call += 1) {
    if (call % 1_000 === 999)
      await enqueue(queue, ...Array.from({ length: 1_000 }, (_, n) => task(n, { key: `key-${n % 3}` })));
    await ack(queue, await claimOne(queue));
  }
  expect(rowsOfClaims(queue)).toBeLessThanOrEqual(1_100);
  expect(queue.sql.rowsWritten - written).toBeLessThanOrEqual(2 * 3_000 + 3 * 2_000 + 100);
  for (const restart of [false, true]) {
    if (restart) await queue.restart();
    const credits = await Promise.all(["key-0", "key-1", "key-2"].map((key) => creditOf(queue, key)));
    expect(credits.reduce((sum, credit) => sum + credit, 0)).toBe(3 * 5_000 - 3_000);
  }
});
