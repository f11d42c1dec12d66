// Tables that are set aside, their rows on their way out, are few: each makes every change of the schema take longer.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { counts, enqueue, expectKind, task } from "../contract/builders.ts";
import { exported } from "../contract/transfer-builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

class SettingAside extends MemoryQueue {
  /** The most tables that were set aside at the end of a turn. */
  most = 0;
  turns = 0;

  constructor() {
    super();
    const aside = `SELECT count(*) AS tables FROM sqlite_master WHERE type = 'table' AND name LIKE 'aside%'`;
    aroundTurns(this.sql, () => {
      this.most = Math.max(this.most, Number(this.sql.all(aside)[0]?.["tables"]));
      this.turns += 1;
    });
  }
}

/** A deletion sets aside five at once. */
const MOST = LIMITS.tablesAside + 5;
const TIMES = 100;

test.each(["purge", "deleteQueue"] as const)("a hundred times at once, an enqueue and then a %s", async (operation) => {
  const queue = new SettingAside();
  const asked = Array.from({ length: TIMES }, (_, index) => [
    enqueue(queue, task(index, { id: `task-${index}` })),
    queue.operate(operation, null),
  ]);
  await Promise.all(asked.flat());
  expect(queue.most).toBeGreaterThan(0);
  expect(queue.most).toBeLessThanOrEqual(MOST);
  expect(await counts(await filled(queue))).toEqual([1, 0, 0, 0]);
});

test("a purge of a queue without tasks sets nothing aside", async () => {
  const queue = new SettingAside();
  await enqueue(queue, task(1));
  await queue.operate("purge", null);
  const { most } = queue;
  for (let time = 0; time < TIMES; time += 1) expectKind(await queue.operate("purge", null), "done");
  expect(queue.most).toBe(most);
});

test("thirty imports at once, each given up for the next: one a turn", async () => {
  const queue = new SettingAside();
  await enqueue(queue, task(1, { id: "task" }));
  const { head, records } = await exported(queue);
  const before = queue.turns;
  const begun = Array.from({ length: 30 }, (_, index) => {
    const input = { head: { ...head, export: `export-${index}` }, at: 0, records, isLast: false, replace: true };
    return queue.operate("importQueue", input);
  });
  for (const outcome of await Promise.all(begun)) expectKind(outcome, "imported");
  expect(queue.turns - before).toBeGreaterThanOrEqual(begun.length);
  expect(queue.most).toBeGreaterThan(0);
  // Each brings rows of some tables.
  expect(queue.most).toBeLessThanOrEqual(LIMITS.tablesAside + new Set(records.map(({ table }) => table)).size);
});

/** Once it is empty: with one task more. */
async function filled(queue: MemoryQueue): Promise<MemoryQueue> {
  await queue.operate("purge", null);
  await enqueue(queue, task("last"));
  return queue;
}
