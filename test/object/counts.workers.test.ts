// Counts cost nothing: what an enqueue, a claim and stats read does not grow with what is stored, in whatever state it is.

import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import {
  ack,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  nack,
  stats,
  task,
} from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const DAY_MS = 86_400_000;
const BATCH = 1_000;

async function fill(queue: ObjectQueue, state: string, count: number): Promise<void> {
  for (let first = 0; first < count; first += BATCH) {
    const numbers = Array.from({ length: Math.min(BATCH, count - first) }, (_, index) => first + index);
    const options = (number: number): object => {
      if (state === "delayed") return { delayMs: DAY_MS };
      return state === "remembered" || state === "dead" ? { id: `${state}-${number}`, lane: "side" } : {};
    };
    await enqueue(queue, ...numbers.map((number) => task(number, options(number))));
    if (state === "ready" || state === "delayed") continue;
    const lanes = { inOrder: ["side", "main"] };
    const held = await claim(queue, { max: BATCH, lanes, claimTimeoutMs: DAY_MS / 4 });
    if (state === "remembered") await ack(queue, ...held);
    if (state === "dead") {
      const claims = held.map(({ claim: token }) => ({ claim: refOf(token), dead: true }));
      expectKind(await queue.operate("nack", { claims }), "nacked");
    }
  }
}

function refOf(token: string) {
  const [tag = "", slot = "", nonce = "", key = ""] = token.split("-");
  return { token, tag, slot: Number.parseInt(slot, 36), nonce, key: Number.parseInt(key, 36) };
}

const rowsRead = (queue: ObjectQueue): Promise<number> =>
  runInDurableObject(queue.stub, (object) => object.usage().rowsRead);

/** Rows read by stats, an enqueue, a claim and an ack of a queue that has been counted. */
async function work(state: string, count: number, maxBacklog: number | null): Promise<number> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null, maxBacklog, dedupeMs: DAY_MS, maxInFlight: 120_000 });
  await fill(queue, state, count);
  await stats(queue);
  const before = await rowsRead(queue);
  await stats(queue);
  await enqueue(queue, task("one more", { id: "one-more", lane: "other" }));
  const held = await claimOne(queue, { lanes: { inOrder: ["other"] } });
  await ack(queue, held);
  await stats(queue);
  return (await rowsRead(queue)) - before;
}

describe.each(["ready", "delayed", "claimed", "dead", "remembered"])("with tasks %s", (state) => {
  test.each([
    ["no limit of the backlog", null],
    ["one", 1_000_000],
  ] as const)("a thousand or ten thousand, and %s, the same rows are read", async (_name, maxBacklog) => {
    const few = await work(state, 1_000, maxBacklog);
    expect(few).toBeLessThan(60);
    expect(await work(state, 10_000, maxBacklog)).toBeLessThanOrEqual(Math.ceil(few * 1.2));
  });
});

test("after a wake all is counted once, a part in each turn, and others are served between", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await fill(queue, "delayed", 25_000);
  await fill(queue, "ready", 5_000);
  await queue.restart();
  const order: string[] = [];
  await runInDurableObject(queue.stub, (object) =>
    Promise.all([
      object.operate("getQueue", null).then(() => order.push("counted")),
      object.operate("claim", { max: 1, lanes: { inOrder: ["main"] } }).then(() => order.push("claimed")),
    ]),
  );
  expect(order).toEqual(["claimed", "counted"]);
  // Three for each of 25,050 rows: the end of a slice is looked for from its beginning, not among all rows.
  expect(await rowsRead(queue)).toBeLessThan(76_000);
  expect(await counts(queue)).toEqual([4_999, 25_000, 1, 0]);
  const before = await rowsRead(queue);
  await stats(queue);
  expect((await rowsRead(queue)) - before).toBeLessThan(20);
});

test("delayed tasks are ready in the very millisecond in which they become visible, and are read once", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await enqueue(queue, ...Array.from({ length: 500 }, (_, index) => task(index, { delayMs: 1_000 + (index % 2) })));
  expect(await counts(queue)).toEqual([0, 500, 0, 0]);
  queue.advance(999);
  expect(await counts(queue)).toEqual([0, 500, 0, 0]);
  queue.advance(1);
  expect(await counts(queue)).toEqual([250, 250, 0, 0]);
  queue.advance(1);
  expect(await counts(queue)).toEqual([500, 0, 0, 0]);
  const before = await rowsRead(queue);
  expect(await counts(queue)).toEqual([500, 0, 0, 0]);
  expect((await rowsRead(queue)) - before).toBeLessThan(20);
});

test("an enqueue that a report follows reads none of the tasks with a priority that were visible at once", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  // More turns than may report one after the other.
  for (let batch = 0; batch < 20; batch += 1) {
    await enqueue(queue, ...Array.from({ length: 100 }, (_, index) => task(index, { priority: 1 })));
    queue.advance(3);
  }
  queue.advance(60_000);
  const before = await rowsRead(queue);
  await enqueue(queue, task(0, { priority: 1 }));
  expect((await rowsRead(queue)) - before).toBeLessThan(100);
});

test("a limit of the backlog keeps no plain tasks from sharing a row", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null, maxBacklog: 1_000 });
  await delivered(queue);
  const rows = await queue.rowsWritten(() =>
    runInDurableObject(queue.stub, (object) =>
      Promise.all(Array.from({ length: 64 }, (_, index) => object.operate("enqueue", { tasks: [task(index)] }))),
    ),
  );
  expect(rows).toBe(1);
});

test("the retry of an id that was accepted is its duplicate, also when the queue is full, and says what it found (P10)", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { maxBacklog: 1 });
  await enqueue(queue, task("a", { id: "a" }));
  expect(await queue.operate("enqueue", { tasks: [task("b")] })).toMatchObject({ kind: "queue-full" });
  const again = (): Promise<unknown> => enqueue(queue, task("a", { id: "a" }));
  expect(await again()).toMatchObject([{ id: "a", duplicate: true, state: "ready" }]);
  const held = await claimOne(queue);
  expect(await again()).toMatchObject([{ duplicate: true, state: "claimed" }]);
  await ack(queue, held);
  expect(await again()).toMatchObject([{ duplicate: true, state: "done" }]);
  await enqueue(queue, task("c", { id: "c", maxAttempts: 1 }));
  await nack(queue, await claimOne(queue));
  expect(await enqueue(queue, task("c", { id: "c" }))).toMatchObject([{ duplicate: true, state: "dead" }]);
});
