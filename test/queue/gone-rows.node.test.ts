// Acks that arrive together write what has become of their tasks by one statement, and nothing that follows in their turn sees
// a task that is gone.

import { expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import {
  ack,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  extend,
  nack,
  payloads,
  task,
} from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const keyed = (count: number) => Array.from({ length: count }, (_, n) => task(n, { key: `${n}` }));

async function queueOf(...tasks: readonly ReturnType<typeof task>[]) {
  const queue = new MemoryQueue();
  await configure(queue, { retentionMs: null, keys: { concurrency: 1 } });
  await enqueue(queue, ...tasks);
  return { queue, held: await claim(queue, { max: 100 }) };
}

test("a hundred acks of a turn, each of one keyed task, delete their rows by one statement", async () => {
  const { queue, held } = await queueOf(...keyed(100));
  const run = vi.spyOn(queue.sql, "run");
  const before = queue.sql.rowsWritten;
  const results = await Promise.all(held.map((each) => ack(queue, each)));
  expect(results).toEqual(held.map(() => ["ok"]));
  expect(run.mock.calls.filter(([statement]) => statement.startsWith("DELETE FROM tasks"))).toHaveLength(1);
  expect(queue.sql.rowsWritten - before).toBe(100);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("acks that fill a turn's share of rows are cut off there, as other operations are", async () => {
  const { queue } = await queueOf();
  const held: ClaimedTask[][] = [];
  for (let call = 0; call * LIMITS.batchTasks <= LIMITS.turnRows; call += 1) {
    await enqueue(queue, ...Array.from({ length: LIMITS.batchTasks }, (_, n) => task(n, { key: `${call} ${n}` })));
    held.push(await claim(queue, { max: LIMITS.batchTasks }));
  }
  const turns: number[] = [];
  let before = queue.sql.rowsWritten;
  queue.queue.watch({
    committed: () => {
      turns.push(queue.sql.rowsWritten - before);
      before = queue.sql.rowsWritten;
    },
    rolledBack: () => {},
  });
  await Promise.all(held.map((some) => ack(queue, ...some)));
  expect(turns.length).toBeGreaterThan(1);
  expect(turns.reduce((sum, rows) => sum + rows, 0)).toBe(held.flat().length);
});

test("what follows an ack in its turn finds the task gone", async () => {
  const { queue, held } = await queueOf(task("named", { key: "a", id: "n" }), task("next", { key: "b" }));
  const [named, next] = held;
  if (named === undefined || next === undefined) throw new Error("expected two tasks");
  const found = await Promise.all([
    ack(queue, named),
    ack(queue, named),
    nack(queue, named),
    extend(queue, 1_000, named),
    enqueue(queue, task("named", { key: "a", id: "n" })),
    ack(queue, next),
    queue.operate("getTask", { id: next.id }),
    ack(queue, next),
    counts(queue),
  ]);
  expect(found).toMatchObject([
    ["ok"],
    ["task-not-found"],
    "task-not-found",
    [{ ok: false, code: "task-not-found" }],
    [{ id: "n", duplicate: true, state: "done" }],
    ["ok"],
    { kind: "task-not-found" },
    ["task-not-found"],
    [0, 0, 0, 0],
  ]);
});

test("a claim that waits is given the next task of the key that an ack of the same turn has freed", async () => {
  const { queue, held } = await queueOf(task("first", { key: "a" }), task("second", { key: "a" }));
  const waiting = claim(queue, { max: 10, waitMs: 20_000 });
  expect(await Promise.all(held.map((each) => ack(queue, each)))).toEqual([["ok"]]);
  expect(payloads(await waiting)).toEqual(["second"]);
});

test("the key of the last task is not given out again after acks of one turn and a restart with the clock set back", async () => {
  const { queue, held } = await queueOf(...keyed(3));
  await Promise.all(held.map((each) => ack(queue, each)));
  const last = held.map(({ id }) => id);
  queue.advance(-60_000);
  await queue.restart();
  await enqueue(queue, task("later", { key: "x" }));
  const later = await claimOne(queue);
  expect(last).not.toContain(later.id);
  expect(payloads([later])).toEqual(["later"]);
});
