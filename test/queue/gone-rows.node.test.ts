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

/** A queue that has reported all that it may at this instant: a report counts, and has the rows go first. */
async function quietQueueOf(...tasks: readonly ReturnType<typeof task>[]) {
  const { queue } = await queueOf();
  for (let n = 0; n < 20; n += 1) {
    await enqueue(queue, task(n));
    await ack(queue, await claimOne(queue));
  }
  await enqueue(queue, ...tasks);
  return { queue, held: await claim(queue, { max: 100 }) };
}

/** Two tasks of each of ten keys, the first of each claimed. */
const pairs = () => quietQueueOf(...keyed(10), ...keyed(10));

const stored = ({ sql }: MemoryQueue) => Number(sql.all("SELECT count(*) AS tasks FROM tasks")[0]?.["tasks"]);

/** What is held is acked in one turn with the claim of what comes next. */
async function goOn(queue: MemoryQueue, held: readonly ClaimedTask[]): Promise<ClaimedTask[]> {
  const [results, next] = await Promise.all([ack(queue, ...held), claim(queue, { max: 100 })]);
  expect(results).toEqual(held.map(() => "ok"));
  return next;
}

test("acks of keyed tasks in the turn of a claim are noted in its row, and the rows of their tasks go later, together", async () => {
  const { queue, held } = await pairs();
  const before = queue.sql.rowsWritten;
  const next = await goOn(queue, held);
  expect(payloads(next)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  expect(queue.sql.rowsWritten - before).toBe(1);
  expect(stored(queue)).toBe(20);
  expect(await ack(queue, ...next)).toEqual(next.map(() => "ok"));
  expect(stored(queue)).toBe(0);
  expect(queue.sql.rowsWritten - before).toBe(1 + 20);
});

test("whoever looks at a queue sees no task that was acked, though its row was there", async () => {
  const { queue, held } = await pairs();
  await goOn(queue, held);
  expect(await counts(queue)).toEqual([0, 0, 10, 0]);
  expect(await queue.operate("getTask", { id: held[0]?.id ?? "" })).toMatchObject({ kind: "task-not-found" });
  expect(stored(queue)).toBe(10);
});

test("a task that was acked is not offered again after a restart, whatever claims were made since (P5)", async () => {
  const { queue, held } = await quietQueueOf(...Array.from({ length: 5 }, () => keyed(4)).flat());
  const done: ClaimedTask[] = [];
  let next = held;
  for (let turn = 0; turn < 3; turn += 1) {
    done.push(...next);
    next = await goOn(queue, next);
  }
  expect(stored(queue)).toBe(20);
  await queue.restart();
  expect(await claim(queue, { max: 100 })).toEqual([]);
  expect(await ack(queue, ...done)).toEqual(done.map(() => "task-not-found"));
  done.push(...next);
  expect(await ack(queue, ...next)).toEqual(next.map(() => "ok"));
  const last = await claim(queue, { max: 100 });
  expect(await ack(queue, ...last)).toEqual(last.map(() => "ok"));
  const ids = new Set([...done, ...last].map(({ id }) => id));
  expect([ids.size, done.length + last.length]).toEqual([20, 20]);
  expect(stored(queue)).toBe(0);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("a consumer of one task at a time makes few rows of claims, however many it acks", async () => {
  const { queue, held } = await quietQueueOf(...Array.from({ length: 201 }, (_, n) => task(n, { key: "a" })));
  const before = queue.sql.rowsWritten;
  let next = held;
  for (let turn = 0; turn < 200; turn += 1) next = await goOn(queue, next);
  expect(payloads(next)).toEqual([200]);
  expect(await ack(queue, ...next)).toEqual(["ok"]);
  expect(queue.sql.rowsWritten - before).toBe(200 + 201);
  const [claims] = queue.sql.all("SELECT count(*) AS rows FROM claims");
  expect(claims?.["rows"]).toBeLessThanOrEqual(LIMITS.ackedClaims + 2);
});

test("the rows of so many tasks that were acked go at once", async () => {
  const { ackedRows } = LIMITS;
  Object.assign(LIMITS, { ackedRows: 15 });
  try {
    const { queue, held } = await quietQueueOf(...Array.from({ length: 4 }, () => keyed(10)).flat());
    const next = await goOn(queue, held);
    expect(stored(queue)).toBe(40);
    await goOn(queue, next);
    expect(stored(queue)).toBe(20);
  } finally {
    Object.assign(LIMITS, { ackedRows });
  }
});

test("a task that was delayed is counted off once, when its ack shares a turn with an enqueue that counts the backlog", async () => {
  const { queue } = await quietQueueOf();
  await configure(queue, { maxBacklog: 100 });
  await enqueue(queue, task("soon", { delayMs: 100 }), task("later", { delayMs: 60_000 }));
  expect(await counts(queue)).toEqual([0, 2, 0, 0]);
  queue.advance(100);
  const held = await claimOne(queue);
  await Promise.all([ack(queue, held), enqueue(queue, task("plain"))]);
  expect(await counts(queue)).toEqual([1, 1, 0, 0]);
});
