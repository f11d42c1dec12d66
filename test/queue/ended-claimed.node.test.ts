// Tasks that are claimed when their TTL ends stay until their claims end: one round of housekeeping skips a bounded number of them, and
// finds what lies after them all the same.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { claim, configure, counts, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const TTL_MS = 100_000;
const CLAIMED = 2 * LIMITS.pageScan + 5_000;
const MINUTE_MS = 60_000;

const thousand = Array.from({ length: 1_000 }, (_, index) => task(index, { ttlMs: TTL_MS }));

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
