// What a queue's history costs: at most one row for each minute that has passed, none while nothing happens, no alarm and no commit
// of its own; everything else costs the same as without it.

import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { ack, claimOne, configure, enqueue, expectKind, stats, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const SECOND_MS = 1_000;
const MINUTE_MS = 60 * SECOND_MS;

async function openQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  queue.advance(MINUTE_MS - (queue.now() % MINUTE_MS));
  await configure(queue, { retentionMs: null, claimTimeoutMs: 60 * MINUTE_MS });
  await delivered(queue);
  return queue;
}

async function life(queue: ObjectQueue): Promise<void> {
  await enqueue(queue, task(1));
  await ack(queue, await claimOne(queue));
}

const usage = (queue: ObjectQueue) => runInDurableObject(queue.stub, (object) => object.usage());

async function historyRows(queue: ObjectQueue, act: () => Promise<unknown>): Promise<number> {
  const before = (await usage(queue)).historyRows;
  await act();
  return (await usage(queue)).historyRows - before;
}

test.each([
  ["idle between", false],
  ["with a claim held all the time", true],
])("a queue that is busy for ten minutes, %s, writes ten rows, and 3 a task as ever", async (_name, isHeld) => {
  const queue = await openQueue();
  if (isHeld) {
    await enqueue(queue, task("held"));
    await claimOne(queue);
  }
  let rows = 0;
  const written = await historyRows(queue, async () => {
    rows = await queue.rowsWritten(async () => {
      for (let second = 0; second < 600; second += 10) {
        queue.advance(10 * SECOND_MS);
        await life(queue);
      }
    });
  });
  expect(written).toBe(10);
  expect(rows).toBe(60 * 3);
});

test("nothing is written within the minute in which a queue is made, nor while nothing happens to tasks", async () => {
  const queue = await openQueue();
  expect(await historyRows(queue, () => life(queue))).toBe(0);
  expect(
    await historyRows(queue, async () => {
      for (let minute = 0; minute < 5; minute += 1) {
        queue.advance(MINUTE_MS);
        await stats(queue);
        await queue.operate("getHistory", { stepMs: MINUTE_MS });
        await queue.sweep();
      }
    }),
  ).toBe(0);
});

test("a queue that wakes for one task now and then writes two rows for it at most, however often it wakes", async () => {
  const queue = await openQueue();
  let rows = 0;
  for (let round = 0; round < 5; round += 1) {
    queue.advance(10 * MINUTE_MS);
    await queue.restart();
    rows += await historyRows(queue, () => life(queue));
    await queue.restart();
    rows += await historyRows(queue, () => life(queue));
  }
  expect(rows).toBe(10);
});

test("what it writes is in the turn's own commit, and sets no alarm", async () => {
  const queue = await openQueue();
  queue.advance(MINUTE_MS);
  const alarm = (): Promise<number | null> =>
    runInDurableObject(queue.stub, (_object, { storage }) => storage.getAlarm());
  const before = await alarm();
  expect(await historyRows(queue, () => enqueue(queue, task(1)))).toBe(1);
  expect(await alarm()).toBe(before);
});

test("a turn that fails leaves nothing in the history, and its jobs are counted once when they are run again", async () => {
  const queue = await openQueue();
  queue.advance(MINUTE_MS);
  await runInDurableObject(queue.stub, async (object) => {
    const fails = object.operate("putDocument", { key: "a", value: undefined as unknown as string });
    const enqueued = object.operate("enqueue", { tasks: [task(1)] });
    await expect(fails).rejects.toThrow("NOT NULL");
    await enqueued;
  });
  const { history } = expectKind(await queue.operate("getHistory", { stepMs: MINUTE_MS }), "history");
  expect(history.total.events.enqueued).toBe(1);
});

test("reading a week of minutes reads their rows, and no task", async () => {
  const queue = await openQueue();
  for (let minute = 0; minute < 20; minute += 1) {
    queue.advance(MINUTE_MS);
    await enqueue(queue, ...Array.from({ length: 50 }, (_, index) => task(index)));
  }
  const before = (await usage(queue)).rowsRead;
  const from = queue.now() - 7 * 1_440 * MINUTE_MS;
  await queue.operate("getHistory", { from, stepMs: 10 * MINUTE_MS });
  expect((await usage(queue)).rowsRead - before).toBeLessThanOrEqual(25);
});
