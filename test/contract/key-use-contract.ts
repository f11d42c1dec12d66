// What keys take up (K6, K7): memory and reading for the keys in use and none for their backlog, and rows as plain tasks take them.

import { afterEach, describe, expect, it } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { NewTask } from "../../src/core/operation.ts";
import type { SettingsPatch } from "../../src/core/settings.ts";
import { ack, claim, claimOne, configure, enqueue, expectKind, nack, payloads, task } from "./builders.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const DAY_MS = 86_400_000;
const HELD = { max: 10, claimTimeoutMs: 600_000 };
const rate = { limit: 1, periodMs: 1_000, burst: 1 };
const { keysKept } = LIMITS;
/** Probes that find a key, its priorities and its first tasks, as a real object counts them. */
const ROWS_A_KEY = 24;

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });
const many = (key: string, count: number) => Array.from({ length: count }, (_, n) => keyed(`${key}${n}`, key));

/** What a payload and its task may be, where all of it is read as one text. */
const CONTENTS: readonly NewTask[] = [
  task('"\\\u0000\u2028\u{1F600}\t'),
  task("x".repeat(LIMITS.aheadBytes)),
  task(1, { headers: { trace: '"\\' }, maxAttempts: 7, ttlMs: 60_000 }),
  task(2, { id: "its-own" }),
  { payload: '\u0000 "quoted" \\ \u0001', contentType: "text/plain" },
  { payload: new Uint8Array([0, 255, 34, 92]), contentType: "application/octet-stream" },
  { payload: new Uint8Array(), contentType: "application/octet-stream" },
  { payload: "", contentType: "text/plain" },
];

/** Of tasks that are claimed as they were written. */
async function contentsOf(open: OpenQueue, tasks: readonly NewTask[]): Promise<object[]> {
  const queue = await openAtMidnight(open, {});
  await enqueue(queue, ...tasks);
  return (await claim(queue, { ...HELD, max: 100 })).map(({ id, expiresAt, enqueuedAt, ...claimed }) => ({
    payload: claimed.payload,
    contentType: claimed.contentType,
    headers: claimed.headers,
    maxAttempts: claimed.maxAttempts,
    attempts: claimed.attempts,
    version: claimed.version,
    lastsMs: (expiresAt ?? enqueuedAt) - enqueuedAt,
    hasOwnId: id === "its-own",
  }));
}

type Part = "enqueue" | "claim" | "ack";

/** Rows that the queue says it has written for an operation, and read for all. */
/** Without what reports have counted. */
async function used(queue: QueueDriver, name: Part): Promise<{ readonly written: number; readonly read: number }> {
  const { day } = expectKind(await queue.operate("getCost", null), "cost").cost;
  const part = (wanted: string) => day.parts.find((each) => each.name === wanted);
  return { written: part(name)?.rowsWritten ?? 0, read: day.rowsRead - (part("getQueue")?.rowsRead ?? 0) };
}

async function written(queue: QueueDriver, name: Part, act: () => Promise<unknown>): Promise<number> {
  const before = await used(queue, name);
  await act();
  return (await used(queue, name)).written - before.written;
}

/** What is told of a day begins at its first moment, so that none ends in a test. */
async function openAtMidnight(open: OpenQueue, settings: SettingsPatch): Promise<QueueDriver> {
  const queue = await open();
  queue.advance(DAY_MS - (queue.now() % DAY_MS));
  await configure(queue, { retentionMs: null, ...settings });
  return queue;
}

/** One task, from its enqueue to its ack; of a key, or plain. */
async function rowsOfLife(queue: QueueDriver, key?: string): Promise<Record<Part, number>> {
  const one = key === undefined ? task("plain") : keyed("keyed", key);
  const held: ClaimedTask[] = [];
  return {
    enqueue: await written(queue, "enqueue", () => enqueue(queue, one)),
    claim: await written(queue, "claim", async () => held.push(await claimOne(queue))),
    ack: await written(queue, "ack", () => ack(queue, ...held)),
  };
}

/** A look a millisecond before writes nothing; at the instant one row, as any claim; then nothing again. */
async function expectRowsOnlyAfter(queue: QueueDriver, ms: number, expected: readonly unknown[]): Promise<void> {
  let found: unknown[] = [];
  const look = () => written(queue, "claim", async () => (found = payloads(await claim(queue, HELD))));
  queue.advance(ms - 1);
  expect([await look(), found]).toEqual([0, []]);
  await queue.restart();
  expect([await look(), found]).toEqual([0, []]);
  queue.advance(1);
  expect([await look(), found]).toEqual([1, expected]);
  queue.advance(1);
  expect([await look(), found]).toEqual([0, []]);
}

/** Rows that a queue reads for its first claim after a restart, with so many tasks of each of so many keys. */
async function readAtWake(open: OpenQueue, keys: number, tasksEach: number): Promise<number> {
  const queue = await openAtMidnight(open, {});
  for (let n = 0; n < keys; n += 1) await enqueue(queue, ...many(`k${n}-`, tasksEach));
  await claimOne(queue);
  await queue.restart();
  const before = await used(queue, "claim");
  await claimOne(queue);
  return (await used(queue, "claim")).read - before.read;
}

const SETTINGS: readonly [string, SettingsPatch][] = [
  ["nothing set", {}],
  ["order fifo", { keys: { order: "fifo" } }],
  ["order strict", { keys: { order: "strict" } }],
  ["a concurrency", { keys: { concurrency: 1 } }],
  ["a rate", { keys: { rate: { ...rate, burst: 10 } } }],
  ["a rate of the queue", { rate: { ...rate, burst: 10 } }],
  ["fairness share", { keys: { fairness: "share" } }],
  ["fairness none", { keys: { fairness: "none" } }],
];

export function keyUseContract(open: OpenQueue): void {
  describe("the rows of a keyed task (K7)", () => {
    it.each(SETTINGS)("are one more than a plain one's, for its enqueue alone: %s", async (_name, settings) => {
      const queue = await openAtMidnight(open, settings);
      // The first of each opens what the queue keeps for all.
      await rowsOfLife(queue);
      await rowsOfLife(queue, "a");
      const [plain, ofKey] = [await rowsOfLife(queue), await rowsOfLife(queue, "a")];
      expect(ofKey.enqueue).toBeGreaterThan(0);
      expect(ofKey.enqueue).toBeLessThanOrEqual(plain.enqueue + 1);
      expect(ofKey.claim).toBe(plain.claim);
      expect(ofKey.ack).toBeLessThanOrEqual(plain.ack);
    });

    it("are none for a look that a rate lets find nothing, up to its instant", async () => {
      const queue = await openAtMidnight(open, { keys: { rate } });
      await enqueue(queue, ...many("a", 2), ...many("b", 2));
      await claim(queue, HELD);
      await expectRowsOnlyAfter(queue, 1_000, ["a1", "b1"]);
    });

    it("are none for a look at a key that waits for its retry, up to its instant", async () => {
      const queue = await openAtMidnight(open, { keys: { order: "fifo" } });
      await enqueue(queue, ...many("a", 2));
      await nack(queue, await claimOne(queue), { delayMs: 1_000 });
      await expectRowsOnlyAfter(queue, 1_000, ["a0", "a1"]);
    });

    it("are none for a look at a key that rests, up to its instant", async () => {
      const queue = await openAtMidnight(open, {});
      await enqueue(queue, keyed("a0", "a"));
      await nack(queue, await claimOne(queue), { delayMs: 1_000, limitKey: true });
      await expectRowsOnlyAfter(queue, 1_000, ["a0"]);
    });

    it("are none for a look at a task that is scheduled, up to its instant", async () => {
      const queue = await openAtMidnight(open, {});
      await enqueue(queue, keyed("a0", "a", { delayMs: 1_000 }));
      await expectRowsOnlyAfter(queue, 1_000, ["a0"]);
    });
  });

  it("tasks of keys are claimed with what they were written with, as tasks without a key are", async () => {
    const found = await contentsOf(
      open,
      CONTENTS.map((each, n) => ({ ...each, key: `${n}` })),
    );
    expect(found).toEqual(await contentsOf(open, CONTENTS));
  });

  describe("what is known of keys (K6)", () => {
    afterEach(() => void Object.assign(LIMITS, { keysKept }));

    it("is found at a wake by reading no more for a long backlog than for a short one, and so much a key", async () => {
      const short = await readAtWake(open, 4, 10);
      expect(Math.abs((await readAtWake(open, 4, 500)) - short)).toBeLessThanOrEqual(4);
      const more = (await readAtWake(open, 24, 10)) - short;
      expect(more).toBeGreaterThan(0);
      expect(more).toBeLessThanOrEqual(20 * ROWS_A_KEY);
    });

    it("is bounded: a further key waits until one has neither tasks nor claims, and is offered at that instant", async () => {
      Object.assign(LIMITS, { keysKept: 3 });
      const queue = await openAtMidnight(open, {});
      for (const key of ["a", "b", "c", "d"]) await enqueue(queue, keyed(key, key, { maxAttempts: 1 }));
      expect(payloads(await claim(queue, { max: 10, claimTimeoutMs: 1_000 }))).toEqual(["a", "b", "c"]);
      queue.advance(999);
      expect(payloads(await claim(queue, HELD))).toEqual([]);
      await queue.restart();
      expect(payloads(await claim(queue, HELD))).toEqual([]);
      queue.advance(1);
      expect(payloads(await claim(queue, HELD))).toEqual(["d"]);
      queue.advance(1);
      expect(payloads(await claim(queue, HELD))).toEqual([]);
    });

    it("is only of those in use at the moment: fifty keys come and go in the room of two, beside a key with a backlog", async () => {
      Object.assign(LIMITS, { keysKept: 3 });
      const queue = await openAtMidnight(open, {});
      await enqueue(queue, ...many("flood", 200));
      for (let n = 0; n < 50; n += 1) {
        await enqueue(queue, keyed(`x${n}`, `x${n}`), keyed(`y${n}`, `y${n}`));
        const held = await claim(queue, { max: 4 });
        expect(payloads(held)).toEqual(expect.arrayContaining([`x${n}`, `y${n}`]));
        await ack(queue, ...held);
      }
    });
  });
}
