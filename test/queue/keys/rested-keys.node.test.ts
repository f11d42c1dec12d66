// Rows of keys that say nothing any longer are removed by housekeeping, a bounded number at a time.

import { expect, test } from "vitest";
import { claimOne, configure, enqueue, nack, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const ROUND = 10_000;
const MINUTE_MS = 60_000;

const storedKeys = ({ sql }: MemoryQueue) => Number(sql.all("SELECT count(*) AS keys FROM keys")[0]?.["keys"]);

test("25,000 keys that have rested are forgotten in three rounds of housekeeping, one with a limit of its own stays", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { concurrency: 1 }, dedupeMs: 1_000, retentionMs: null });
  await enqueue(queue, task("rests", { key: "a", id: "rests" }));
  await nack(queue, await claimOne(queue), { delayMs: 1_000, limitKey: true });
  await queue.operate("setKey", { key: "limited", patch: { concurrency: 2 } });
  queue.sql.run(
    `INSERT INTO keys (key, override, rests_until, blocked_by) SELECT 'k' || value, '{}', 1, '[]' FROM
       (WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 24999) SELECT value FROM n)`,
  );
  queue.advance(1_000);
  expect(await queue.operate("cancelTask", { id: "rests", force: false })).toMatchObject({ kind: "cancelled" });
  const left: number[] = [];
  while (queue.alarmAt !== null) {
    const before = queue.sql.rowsWritten;
    queue.advance(Math.max(0, queue.alarmAt - queue.now(), MINUTE_MS));
    await queue.sweep();
    left.push(storedKeys(queue));
    expect(queue.sql.rowsWritten - before).toBeLessThanOrEqual(ROUND + 10);
    if (left.length > 5) break;
  }
  expect(left).toEqual([15_001, 5_001, 1]);
  expect(queue.sql.all("SELECT key FROM keys")).toEqual([{ key: "limited" }]);
});
