// A call and its number are one commit (P1, P10): neither is stored without the other.

import { expect, test, vi } from "vitest";
import { counts, enqueue, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const call = { producer: "0123456789abcdef", number: 1 };

test.each(["producers", "tasks"])(
  "a call is not made, and has used no number, when %s cannot be written",
  async (table) => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const queue = new MemoryQueue();
    await queue.operate("configure", { settings: {} });
    queue.sql.run(`CREATE TRIGGER fail BEFORE INSERT ON ${table} BEGIN SELECT RAISE(ABORT, 'disk'); END`);
    await expect(queue.operate("enqueue", { tasks: [task(1)], call })).rejects.toThrow("disk");
    expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    queue.sql.run("DROP TRIGGER fail");
    const made = await queue.operate("enqueue", { tasks: [task(1)], call });
    expect(made.kind).toBe("enqueued");
    expect(await queue.operate("enqueue", { tasks: [task(1)], call })).toEqual(made);
    expect(await counts(queue)).toEqual([1, 0, 0, 0]);
  },
);

test("a call that shares a turn with one that fails is made once", async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  const queue = new MemoryQueue();
  await enqueue(queue, task("before"));
  const failing = queue.queue.run("fail", () => {
    throw new Error("a bug");
  });
  const [made, again] = await Promise.all([
    queue.operate("enqueue", { tasks: [task(1)], call }),
    queue.operate("enqueue", { tasks: [task(1)], call }),
    expect(failing).rejects.toThrow("a bug"),
  ]);
  expect(again).toEqual(made);
  expect(await counts(queue)).toEqual([2, 0, 0, 0]);
});
