// What a claim costs beside limited keys (K3): counted in statements and rows, with a million tasks behind ten of them and behind
// as many as are known in memory.

import { expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ack, claim, claimOne, configure, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const TASKS = 1_000_000;
/** Keys that are free, beside which all others that may be known are at their limit. */
const FREE = 7;
const CYCLES = 100;
const BATCH = 1_000;

async function fill(queue: MemoryQueue, count: number, keyOf: (index: number) => string): Promise<void> {
  for (let sent = 0; sent < count; sent += BATCH) {
    const size = Math.min(BATCH, count - sent);
    await enqueue(queue, ...Array.from({ length: size }, (_, n) => task(sent + n, { key: keyOf(sent + n) })));
  }
}

/** Work of a claim and its ack, beside so many keys that are at their concurrency with all of these tasks behind them. */
async function costBeside(limited: number): Promise<{ readonly statements: number; readonly rows: number }> {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { concurrency: 1 }, retentionMs: null });
  await fill(queue, limited, (index) => `limited-${index}`);
  let held = 0;
  while (held < limited) held += (await claim(queue, { max: BATCH, claimTimeoutMs: 3_600_000 })).length;
  await fill(queue, TASKS - limited, (index) => `limited-${index % limited}`);
  expect(await claim(queue, { max: 1 })).toEqual([]);
  await fill(queue, CYCLES, (index) => `free-${index % FREE}`);
  const before = queue.sql.rowsRead + queue.sql.rowsWritten;
  const statements = [vi.spyOn(queue.sql, "all"), vi.spyOn(queue.sql, "run")];
  for (let cycle = 0; cycle < CYCLES; cycle += 1) await ack(queue, await claimOne(queue));
  return {
    statements: statements.reduce((sum, { mock }) => sum + mock.calls.length, 0),
    rows: queue.sql.rowsRead + queue.sql.rowsWritten - before,
  };
}

test("a claim beside a hundred thousand limited keys and a million tasks costs at most 1.2 times what it costs beside ten (K3)", async () => {
  const few = await costBeside(10);
  const many = await costBeside(LIMITS.keysKept - FREE);
  console.log(
    `beside 10 limited keys: ${JSON.stringify(few)}; beside ${LIMITS.keysKept - FREE}: ${JSON.stringify(many)}`,
  );
  expect(many.statements).toBeLessThanOrEqual(1.2 * few.statements);
  expect(many.rows).toBeLessThanOrEqual(1.2 * few.rows);
});
