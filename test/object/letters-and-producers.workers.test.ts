// What comes to a queue as a dead letter takes nothing from its producers and its owner: neither ids nor its being deleted.

import { expect, test, vi } from "vitest";
import type { OutboxMessage } from "../../src/core/outbox-message.ts";
import { ObjectSql } from "../../src/object/object-sql.ts";
import {
  ack,
  browseAll,
  claimOne,
  configure,
  enqueue,
  expectKind,
  nack,
  payloads,
  task,
} from "../contract/builders.ts";
import { modify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

async function pair(): Promise<[queue: ObjectQueue, letters: ObjectQueue]> {
  const [queue, letters] = [new ObjectQueue(), new ObjectQueue()];
  await configure(letters, {});
  await configure(queue, { deadLetterQueue: letters.name });
  await delivered(queue);
  await delivered(letters);
  return [queue, letters];
}

const WAIT = { timeout: 20_000, interval: 20 };

async function outboxOf(queue: ObjectQueue): Promise<readonly OutboxMessage[]> {
  return expectKind(await queue.operate("listOutbox", { limit: 10, after: null }), "outbox").messages;
}

async function die(queue: ObjectQueue, id: string): Promise<void> {
  await enqueue(queue, task("letter", { id }));
  await nack(queue, await claimOne(queue), { dead: true });
}

test("a producer's id is not a duplicate of a dead letter's, by enqueue and by modify (P10)", async () => {
  const [queue, letters] = await pair();
  for (const id of ["a", "b"]) await die(queue, id);
  await delivered(queue);
  expect(await enqueue(letters, task("genuine", { id: "a" }))).toMatchObject([{ id: "a", duplicate: false }]);
  await modify(letters, { insert: [{ task: task("genuine", { id: "b" }) }] });
  expect(await enqueue(letters, task("again", { id: "a" }))).toMatchObject([{ id: "a", duplicate: true }]);
  const found = await browseAll(letters);
  expect(found.filter(({ origin }) => origin === null).map(({ id }) => id)).toEqual(["a", "b"]);
  expect(found.flatMap(({ origin }) => origin?.id ?? [])).toEqual(["a", "b"]);
  expect(new Set(found.map(({ id }) => id)).size).toBe(4);
});

test("the id of a dead letter that was acked is not remembered", async () => {
  const [queue, letters] = await pair();
  await die(queue, "a");
  await delivered(queue);
  await ack(letters, await claimOne(letters));
  expect(await enqueue(letters, task("genuine", { id: "a" }))).toMatchObject([{ duplicate: false }]);
});

test("a full dead-letter queue refuses dead letters, which wait where they died until it has room", async () => {
  const [queue, letters] = await pair();
  await configure(letters, { maxBacklog: 1 });
  await enqueue(letters, task("own"));
  await die(queue, "a");
  await vi.waitUntil(async () => (await outboxOf(queue))[0]?.refusals === 1, WAIT);
  expect(await outboxOf(queue)).toMatchObject([{ error: "the queue is full: its limit is 1 tasks" }]);
  expect(payloads(await browseAll(letters))).toEqual(["own"]);
  await configure(letters, { maxBacklog: null });
  const isFull = vi.spyOn(ObjectSql.prototype, "isLargerThan").mockReturnValue(true);
  queue.advance(300_000);
  await queue.sweep();
  await vi.waitUntil(async () => (await outboxOf(queue))[0]?.refusals === 2, WAIT);
  expect(await outboxOf(queue)).toMatchObject([{ error: "the queue is full: its limit is 9000000000 bytes" }]);
  isFull.mockRestore();
  queue.advance(300_000);
  await queue.sweep();
  await delivered(queue);
  expect(payloads(await browseAll(letters))).toEqual(["own", "letter"]);
});

test("what is redriven to a full queue comes as that has room, in order, and never past its limit", async () => {
  const [queue, letters] = await pair();
  for (const id of ["a", "b"]) await die(queue, id);
  await delivered(queue);
  await configure(queue, { maxBacklog: 1 });
  expect(await letters.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 2, after: null });
  await vi.waitUntil(async () => (await outboxOf(letters))[0]?.refusals === 1, WAIT);
  const [first] = await browseAll(queue);
  expect(first).toMatchObject({ id: "a", origin: null });
  expect(await browseAll(queue)).toHaveLength(1);
  await ack(queue, await claimOne(queue));
  letters.advance(300_000);
  await letters.sweep();
  await delivered(letters);
  expect(await browseAll(queue)).toMatchObject([{ id: "b" }]);
});

test("a deleted dead-letter queue is not made again by a dead letter, which waits until its owner does", async () => {
  const [queue, letters] = await pair();
  await letters.operate("deleteQueue", null);
  await die(queue, "a");
  await vi.waitUntil(async () => (await outboxOf(queue))[0]?.refusals === 1, WAIT);
  expect(await outboxOf(queue)).toMatchObject([{ kind: "dead-letter", error: "the queue is deleted" }]);
  expect(await letters.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
  await configure(letters, {});
  queue.advance(300_000);
  await queue.sweep();
  await delivered(queue);
  expect(payloads(await browseAll(letters))).toEqual(["letter"]);
});
