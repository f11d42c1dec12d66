// An outbox at its bound: what would grow it waits or is refused, nothing is lost, and it goes on by itself once there is room.

import { runDurableObjectAlarm, runInDurableObject } from "cloudflare:test";
import { expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  nack,
  payloads,
  ref,
  stats,
  task,
} from "../contract/builders.ts";
import { modifyInput } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const WAIT = { timeout: 20_000, interval: 20 };
const REFUSAL = { kind: "queue-full", what: "messages", limit: LIMITS.outboxMessages };

/** A queue with a dead-letter queue, whose outbox has room for so many messages. The others are parked, for `elsewhere`. */
async function openWithRoomFor(
  messages: number,
): Promise<{ queue: ObjectQueue; letters: ObjectQueue; elsewhere: ObjectQueue }> {
  const [queue, letters, elsewhere] = [new ObjectQueue(), new ObjectQueue(), new ObjectQueue()];
  await configure(queue, { maxAttempts: 1, deadLetterQueue: letters.name, retentionMs: 60_000 });
  await delivered(queue);
  await runInDurableObject(queue.stub, (_, { storage }) =>
    storage.sql.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
       INSERT INTO outbox (receiver, seq, kind, created_at, parked, body, payload) SELECT ?, i, 'insert', 0, 1, '{}', '1' FROM n`,
      LIMITS.outboxMessages - messages,
      elsewhere.name,
    ),
  );
  await queue.crash();
  return { queue, letters, elsewhere };
}

async function retry(queue: ObjectQueue, limit: number): Promise<void> {
  expect(await queue.operate("retryOutbox", { limit })).toMatchObject({ kind: "done", messages: limit });
}

test("a task that dies while the outbox is full stays dead in its queue, past any retention, and goes once there is room", async () => {
  const { queue, letters, elsewhere } = await openWithRoomFor(0);
  for (const made of [letters, elsewhere]) await configure(made, {});
  await enqueue(queue, task("nacked", { id: "n" }), task("run"), task("expired", { lane: "side" }));
  for (const held of await claim(queue, { max: 2 })) await nack(queue, held, { error: "no" });
  await claimOne(queue, { lanes: { inOrder: ["side"] }, claimTimeoutMs: 5_000 });
  queue.advance(5_000);
  await queue.sweep();
  queue.advance(120_000);
  await queue.sweep();
  expect(payloads(await browseAll(queue, "dead"))).toEqual(["nacked", "run", "expired"]);
  expect(await stats(queue)).toMatchObject({ outbox: LIMITS.outboxMessages });
  await retry(queue, 2);
  await vi.waitUntil(async () => (await counts(elsewhere))[0] === 2, WAIT);
  await vi.waitUntil(async () => {
    await runDurableObjectAlarm(queue.stub);
    return (await counts(letters))[0] === 3;
  }, WAIT);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
  const arrived = await claim(letters, { max: 5 });
  expect(payloads(arrived)).toEqual(["nacked", "run", "expired"]);
  expect(arrived[0]).toMatchObject({ id: "n", origin: { id: "n", attempts: 1, error: "no", lane: "main" } });
  expect(arrived[2]).toMatchObject({ origin: { attempts: 1, error: "claim expired", lane: "side" } });
});

test("dead letters that wait are found after a restart, and go where the queue's letters go by then", async () => {
  const { queue, letters, elsewhere } = await openWithRoomFor(0);
  for (const made of [letters, elsewhere]) await configure(made, {});
  await enqueue(queue, task("waits"));
  await nack(queue, await claimOne(queue));
  queue.advance(120_000);
  await queue.sweep();
  await queue.restart();
  expect(payloads(await browseAll(queue, "dead"))).toEqual(["waits"]);
  const other = new ObjectQueue();
  await configure(other, {});
  await configure(queue, { maxAttempts: 1, deadLetterQueue: other.name });
  await retry(queue, 100);
  await vi.waitUntil(async () => (await counts(elsewhere))[0] === 100, WAIT);
  expect(await runDurableObjectAlarm(queue.stub)).toBe(true);
  await vi.waitUntil(async () => (await counts(other))[0] === 1, WAIT);
  expect(await counts(letters)).toEqual([0, 0, 0, 0]);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("without a dead-letter queue by then it stays for the retention like any dead task", async () => {
  const { queue } = await openWithRoomFor(0);
  await enqueue(queue, task("stays"));
  await nack(queue, await claimOne(queue));
  await configure(queue, { maxAttempts: 1, deadLetterQueue: null, retentionMs: 60_000 });
  await retry(queue, 1);
  await vi.waitUntil(async () => (await stats(queue)).outbox < LIMITS.outboxMessages, WAIT);
  await queue.sweep();
  expect(payloads(await browseAll(queue, "dead"))).toEqual(["stays"]);
  queue.advance(120_000);
  await queue.sweep();
  expect(await browseAll(queue, "dead")).toEqual([]);
});

test("a redrive stops where the outbox is full, and says where to go on", async () => {
  const { queue: letters } = await openWithRoomFor(1);
  const home = new ObjectQueue();
  await configure(home, { deadLetterQueue: letters.name });
  await enqueue(home, task("a"), task("b"));
  for (const held of await claim(home, { max: 2 })) await nack(home, held, { dead: true });
  await delivered(home);
  const first = expectKind(await letters.operate("redrive", { limit: 10 }), "redriven");
  expect(first.tasks).toBe(1);
  if (first.after === null) throw new Error("more was expected");
  await vi.waitUntil(async () => (await counts(home))[0] === 1, WAIT);
  await vi.waitUntil(async () => (await stats(letters)).outbox < LIMITS.outboxMessages, WAIT);
  expect(await letters.operate("redrive", { limit: 10, after: first.after })).toMatchObject({ tasks: 1, after: null });
  await vi.waitUntil(async () => (await counts(home))[0] === 2, WAIT);
});

test("a redrive and an insert into another queue are refused while the outbox is full, and change nothing", async () => {
  const { queue, letters } = await openWithRoomFor(0);
  await configure(queue, {});
  await configure(letters, { deadLetterQueue: queue.name });
  await enqueue(letters, task("letter"));
  await nack(letters, await claimOne(letters), { dead: true });
  await delivered(letters);
  expect(await queue.operate("redrive", { limit: 10 })).toEqual(REFUSAL);
  const [held] = await claim(queue);
  if (held === undefined) throw new Error("a letter was expected");
  const ids = [held.id];
  expect(await queue.operate("redrive", { limit: 1, ids })).toMatchObject({ kind: "redriven", notFound: ids });
  const insert = [{ task: task("sent"), queue: letters.name }];
  expect(
    await queue.operate("modify", modifyInput({ insert, delete: [{ task: { claim: ref(held.claim) } }] })),
  ).toEqual(REFUSAL);
  expect(await ack(queue, held)).toEqual(["ok"]);
});

test("a strict key stays blocked when its dead task, which waited for room, goes to the dead-letter queue, until it is redriven", async () => {
  const { queue, letters, elsewhere } = await openWithRoomFor(0);
  for (const made of [letters, elsewhere]) await configure(made, {});
  await configure(queue, { keys: { order: "strict" }, retentionMs: null });
  await enqueue(queue, task("dies", { key: "a" }), task("waits", { key: "a" }));
  const died = await claimOne(queue);
  await nack(queue, died);
  expect(await counts(queue)).toEqual([1, 0, 0, 1]);
  await retry(queue, 2);
  await vi.waitUntil(async () => {
    await runDurableObjectAlarm(queue.stub);
    return (await counts(letters))[0] === 1;
  }, WAIT);
  expect(await queue.operate("getKey", { key: "a" })).toMatchObject({ report: { blockedBy: [died.id] } });
  expect(await claim(queue, { max: 10 })).toEqual([]);
  await letters.operate("redrive", { limit: 1 });
  await vi.waitUntil(async () => (await counts(queue))[0] === 2, WAIT);
  expect(payloads(await claim(queue, { max: 10 }))).toEqual(["dies", "waits"]);
});
