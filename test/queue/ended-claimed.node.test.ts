// Tasks that are claimed when their TTL, or the retention, ends stay until their claims end: one round of housekeeping skips a bounded number
// of them, and finds what lies after them all the same.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { claim, configure, counts, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const TTL_MS = 100_000;
const CLAIMED = 2 * LIMITS.pageScan + 5_000;
const MINUTE_MS = 60_000;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);
const thousand = numbers(1_000).map((n) => task(n, { ttlMs: TTL_MS }));

test("a round looks at a bounded number of them, and the others are removed within some minutes", async () => {
  const queue = new MemoryQueue();
  for (let claimed = 0; claimed < CLAIMED; claimed += 1_000) {
    await enqueue(queue, ...thousand);
    expect(await claim(queue, { max: 1_000, claimTimeoutMs: 3_600_000 })).toHaveLength(1_000);
  }
  queue.advance(1);
  await configure(queue, { maxAttempts: 5 });
  await enqueue(queue, ...thousand.slice(500));
  queue.advance(TTL_MS);
  for (let minute = 0; minute < 3; minute += 1) {
    const before = queue.sql.rowsRead;
    await queue.sweep();
    expect(queue.sql.rowsRead - before).toBeLessThan(LIMITS.pageScan + 1_000);
    queue.advance(MINUTE_MS);
  }
  expect(await counts(queue)).toEqual([0, 0, CLAIMED, 0]);
});

const OF_EACH = LIMITS.pageScan + 2_000;

test("the same of the retention, in two lanes", async () => {
  const queue = new MemoryQueue();
  const lanes = ["one", "two"];
  for (const lane of lanes) {
    for (let claimed = 0; claimed < OF_EACH; claimed += 1_000) {
      await enqueue(queue, ...numbers(1_000).map((n) => task(n, { lane })));
      const held = await claim(queue, { max: 1_000, lanes: { inOrder: [lane] }, claimTimeoutMs: 3_600_000 });
      expect(held).toHaveLength(1_000);
    }
    await enqueue(queue, ...numbers(500).map((n) => task(n, { lane })));
  }
  await configure(queue, { retentionMs: TTL_MS });
  queue.advance(TTL_MS + 1);
  for (let minute = 0; minute < 5; minute += 1) {
    const before = queue.sql.rowsRead;
    await queue.sweep();
    expect(queue.sql.rowsRead - before).toBeLessThan(LIMITS.pageScan + 2_000);
    queue.advance(MINUTE_MS);
  }
  expect(await counts(queue)).toEqual([0, 0, 2 * OF_EACH, 0]);
});
