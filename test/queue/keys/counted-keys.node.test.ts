// What is ready when it is written is counted so: no lane of a key is asked later how many of its tasks have become visible.

import { expect, test, vi } from "vitest";
import { TASK_SQL } from "../../../src/store/task-sql.ts";
import { configure, enqueue, stats, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const visibleCounts = (all: { readonly mock: { readonly calls: readonly (readonly unknown[])[] } }): number =>
  all.mock.calls.filter(([statement]) => statement === TASK_SQL.countVisible).length;

test("tasks of many keys are counted as ready without a look at the index", async () => {
  const queue = new MemoryQueue();
  await configure(queue, {});
  const all = vi.spyOn(queue.sql, "all");
  for (let round = 0; round < 3; round += 1) {
    queue.advance(1_000);
    await enqueue(queue, ...Array.from({ length: 100 }, (_, n) => task(n, { key: `${n}` })));
    expect(await stats(queue)).toMatchObject({ ready: 100 * (round + 1), delayed: 0 });
  }
  expect(visibleCounts(all)).toBe(0);
});

test("only the lanes are asked in which a delayed task has become visible", async () => {
  const queue = new MemoryQueue();
  await enqueue(queue, task("late", { key: "late", delayMs: 1_000 }), task("later", { key: "later", delayMs: 2_000 }));
  const all = vi.spyOn(queue.sql, "all");
  queue.advance(999);
  expect(await stats(queue)).toMatchObject({ ready: 0, delayed: 2 });
  expect(visibleCounts(all)).toBe(0);
  queue.advance(1);
  expect(await stats(queue)).toMatchObject({ ready: 1, delayed: 1 });
  expect(visibleCounts(all)).toBe(1);
  queue.advance(1_000);
  await enqueue(queue, task("now", { key: "now" }));
  expect(await stats(queue)).toMatchObject({ ready: 3, delayed: 0 });
});
