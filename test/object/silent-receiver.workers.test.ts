// Deliveries that never end, seen from outside of the queue that sends: it forgets nothing, holds nobody up, and looks after
// what it has sent.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { QueueObject } from "../../src/object/queue-object.ts";
import { browseAll, configure, payloads, stats, task } from "../contract/builders.ts";
import { modify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const WAIT = { timeout: 20_000, interval: 20 };

/** Nothing but what it sends ever has its alarm ring. */
async function openIdle(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await delivered(queue);
  while (await runDurableObjectAlarm(queue.stub));
  return queue;
}

function alarmAt(queue: ObjectQueue): Promise<number | null> {
  return runInDurableObject(queue.stub, (_, { storage }) => storage.getAlarm());
}

function taskRows(queue: ObjectQueue): Promise<unknown> {
  return runInDurableObject(
    queue.stub,
    (_, { storage }) => storage.sql.exec("SELECT count(*) AS n FROM tasks").one()["n"],
  );
}

test("an alarm watches over what is being sent: a crash in the midst of it delays it, and loses nothing (P9)", async () => {
  const queue = await openIdle();
  const to = new ObjectQueue();
  const silent = vi.spyOn(QueueObject.prototype, "receive").mockReturnValue(new Promise(() => {}));
  const sentAt = queue.now();
  await modify(queue, { insert: [{ task: task("sent"), queue: to.name }] });
  await vi.waitUntil(() => silent.mock.calls.length === 1, WAIT);
  expect(await alarmAt(queue)).toBe(sentAt + 1_000);
  queue.advance(1_000);
  expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
  expect(silent).toHaveBeenCalledTimes(1);
  expect(await alarmAt(queue)).toBe(queue.now() + 2_000);
  await queue.crash();
  silent.mockRestore();
  queue.advance(2_000);
  expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
  await delivered(queue);
  expect(payloads(await browseAll(to))).toEqual(["sent"]);
});

test("an alarm does not wait for a receiver that does not answer, and does all else that is due", async () => {
  const queue = await openIdle();
  const to = new ObjectQueue();
  const silent = vi.spyOn(QueueObject.prototype, "receive").mockReturnValue(new Promise(() => {}));
  await modify(queue, { insert: [{ task: task("sent"), queue: to.name }] });
  await vi.waitUntil(() => silent.mock.calls.length === 1, WAIT);
  await queue.operate("enqueue", { tasks: [task("own", { ttlMs: 1_000, delayMs: 500 })] });
  await queue.crash();
  queue.advance(120_000);
  expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
  expect(await alarmAt(queue)).toBe(queue.now() + 1_000);
  await vi.waitUntil(() => silent.mock.calls.length === 2, WAIT);
  expect(await taskRows(queue)).toBe(0);
  expect((await stats(queue)).outbox).toBe(1);
});
