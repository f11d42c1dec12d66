// A task that burns attempts is named in the log, once, and costs nothing besides.

import { afterEach, expect, test, vi } from "vitest";
import { claimOne, configure, enqueue, nack, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

afterEach(() => void vi.restoreAllMocks());

/** Fails the task as often, as soon as it may. */
async function burn(queue: MemoryQueue, times: number): Promise<void> {
  for (let n = 0; n < times; n += 1) {
    await nack(queue, await claimOne(queue), { delayMs: 0 });
    queue.advance(1_000);
  }
}

test("the log names a task that is given back without end, and says no more of it within a minute", async () => {
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  const queue = new MemoryQueue();
  await configure(queue, { maxAttempts: null });
  await enqueue(queue, task(1, { id: "burning" }));
  await burn(queue, 100);
  expect(log.mock.calls).toEqual([]);
  await burn(queue, 60);
  const line = ["a task is claimed and given back without end and is slowed", "burning"];
  expect(log.mock.calls).toEqual([line]);
  await burn(queue, 1);
  expect(log.mock.calls).toEqual([line, line]);
});

test("an attempt that is slowed writes the rows that it writes otherwise", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const queue = new MemoryQueue();
  await configure(queue, { maxAttempts: null });
  await enqueue(queue, task(1, { id: "burning" }));
  const rowsOfOne = async (): Promise<number> => {
    const before = queue.sql.rowsWritten;
    await burn(queue, 1);
    return queue.sql.rowsWritten - before;
  };
  await burn(queue, 2);
  const before = await rowsOfOne();
  await burn(queue, 120);
  expect(await rowsOfOne()).toBe(before);
});
