// The rows of what keys offer next are read many at a time.

import { expect, test, vi } from "vitest";
import { TASK_SQL } from "../../../src/store/task-sql.ts";
import { ack, claim, configure, enqueue, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

test("many keys that come free together have their next rows read by few statements, however many calls claim them", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { order: "fifo", concurrency: 1 } });
  for (let round = 0; round < 4; round += 1) {
    await enqueue(queue, ...Array.from({ length: 400 }, (_, n) => task(n, { key: `${n}` })));
  }
  const held = await claim(queue, { max: 400 });
  const lists = vi.spyOn(queue.sql, "lists");
  const [, ...calls] = await Promise.all([
    ack(queue, ...held),
    ...Array.from({ length: 40 }, () => claim(queue, { max: 10 })),
  ]);
  expect(calls.flat()).toHaveLength(400);
  const statements = lists.mock.calls.filter(([statement]) => statement === TASK_SQL.wholeAt);
  expect(statements.length).toBeLessThanOrEqual(4);
});
