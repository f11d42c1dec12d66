// Sockets that are told facts one by one: which they are told and with what, that none is told which never was, that one who does not
// read is sent how many it has missed, and that it costs the queue no row (P13, P14).

import { evictDurableObject, runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { TaskFact } from "../../src/core/task-fact.ts";
import { ack, claim, claimOne, configure, enqueue, nack, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, newQueueName, ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

interface Told {
  readonly op?: string;
  readonly facts: readonly TaskFact[];
  readonly missed?: number;
}

function toldTo(client: SocketClient): Told[] {
  return client.received.filter(({ op }) => op === "facts") as unknown as Told[];
}

const factsOf = (client: SocketClient): TaskFact[] => toldTo(client).flatMap(({ facts }) => facts);
const missedBy = (client: SocketClient): number => toldTo(client).reduce((sum, { missed = 0 }) => sum + missed, 0);
const kindsOf = (client: SocketClient): string[] => factsOf(client).map(({ kind }) => kind);

async function tail(queue: ObjectQueue, facts: object = {}): Promise<SocketClient> {
  const client = await SocketClient.open(queue.name);
  expect(await client.ask("watch", { facts })).toMatchObject({ ok: {} });
  return client;
}

/** Whatever there was to be told has been, once the object has answered. */
const settled = (client: SocketClient): Promise<unknown> => client.ask("getTask", { id: "nothing" });

test("a task's life is sent, fact by fact, with its id, lane, key, attempt, time and error", async () => {
  const queue = new ObjectQueue();
  const client = await tail(queue);
  const at = queue.now();
  await enqueue(queue, task(1, { id: "order-1", key: "acme", lane: "mail" }));
  queue.advance(5);
  const lanes = { inOrder: ["mail"] };
  await nack(queue, await claimOne(queue, { lanes }), { error: "no stock", delayMs: 0 });
  await nack(queue, await claimOne(queue, { lanes }), { snooze: true, delayMs: 0 });
  const held = await claimOne(queue, { lanes });
  queue.advance(20);
  await ack(queue, held);
  await settled(client);
  const of = { id: "order-1", lane: "mail", key: "acme" };
  expect(factsOf(client)).toEqual([
    { at, kind: "enqueued", ...of },
    { at: at + 5, kind: "claimed", ...of, attempt: 1, tookMs: 5 },
    { at: at + 5, kind: "failed", ...of, attempt: 1, error: "no stock" },
    { at: at + 5, kind: "claimed", ...of, attempt: 2, tookMs: 0 },
    { at: at + 5, kind: "snoozed", ...of, attempt: 2 },
    { at: at + 5, kind: "claimed", ...of, attempt: 2, tookMs: 0 },
    { at: at + 25, kind: "acked", ...of, attempt: 2, tookMs: 20 },
  ]);
});

test("tasks that share a row are named by their ids", async () => {
  const queue = new ObjectQueue();
  const client = await tail(queue, { kinds: ["enqueued", "failed", "acked"] });
  const ids = (await enqueue(queue, task(1), task(2), task(3))).map(({ id }) => id);
  const [first, second] = await claim(queue, { max: 2 });
  if (first === undefined || second === undefined) throw new Error("expected two ready tasks");
  await nack(queue, second, { error: "no stock" });
  await ack(queue, first);
  await settled(client);
  expect(factsOf(client).map(({ kind, id, error }) => [kind, ids.indexOf(id ?? ""), error])).toEqual([
    ["enqueued", 0, undefined],
    ["enqueued", 1, undefined],
    ["enqueued", 2, undefined],
    ["failed", 1, "no stock"],
    ["acked", 0, undefined],
  ]);
});

test("a death is sent with its error, here or on the way to the dead-letter queue, and where it arrives", async () => {
  const deadLetters = new ObjectQueue(newQueueName());
  const queue = new ObjectQueue();
  await configure(queue, { maxAttempts: 1 });
  const [client, other] = [await tail(queue), await tail(deadLetters)];
  const [written] = await enqueue(queue, task(1));
  await nack(queue, await claimOne(queue), { error: "here" });
  await configure(queue, { deadLetterQueue: deadLetters.name });
  await enqueue(queue, task(2));
  await nack(queue, await claimOne(queue), { error: "there" });
  await delivered(queue);
  await settled(client);
  await settled(other);
  expect(factsOf(client).filter(({ error }) => error !== undefined)).toMatchObject([
    { kind: "died", id: written?.id, attempt: 1, error: "here" },
    { kind: "moved", attempt: 1, error: "there" },
  ]);
  expect(kindsOf(other)).toEqual(["received"]);
});

test("only the lanes and kinds that were asked for are sent; a purge is about every lane", async () => {
  const queue = new ObjectQueue();
  const lanes = await tail(queue, { lanes: ["mail"] });
  const kinds = await tail(queue, { kinds: ["claimed"] });
  await enqueue(queue, task(1, { lane: "mail" }), task(2));
  await claimOne(queue);
  await queue.operate("purge", null);
  await settled(lanes);
  await settled(kinds);
  expect(kindsOf(lanes)).toEqual(["enqueued", "purged"]);
  expect(kindsOf(kinds)).toEqual(["claimed"]);
});

test("it outlives the object's sleep, and ends with the socket", async () => {
  const queue = new ObjectQueue();
  const client = await tail(queue, { kinds: ["enqueued"] });
  await evictDurableObject(queue.stub);
  await enqueue(queue, task(1));
  await settled(client);
  expect(kindsOf(client)).toEqual(["enqueued"]);
  client.close();
  await client.closed;
  await enqueue(queue, task(2));
  expect(kindsOf(client)).toEqual(["enqueued"]);
});

test("of a turn with more facts than are sent the rest is counted, for those who want them", async () => {
  const queue = new ObjectQueue();
  const many = LIMITS.factsOfTurn;
  await enqueue(queue, ...Array.from({ length: many }, (_, index) => task(index)));
  await claim(queue, { max: many, claimTimeoutMs: 1_000 });
  const all = await tail(queue);
  const enqueues = await tail(queue, { kinds: ["enqueued"] });
  queue.advance(1_000);
  // They have run out, and are claimed again: two facts of each.
  expect(await claim(queue, { max: many })).toHaveLength(many);
  await settled(all);
  await settled(enqueues);
  expect(kindsOf(all)).toEqual(Array.from({ length: many }, () => "expired"));
  expect([missedBy(all), missedBy(enqueues)]).toEqual([many, 0]);
});

const withLongIds = (round: number) =>
  Array.from({ length: 500 }, (_, index) => task(1, { id: `${round}-${index}`.padEnd(128, "x") }));

test("one who does not read is sent how many it has missed once it reads, and is sent no more until then", async () => {
  const queue = new ObjectQueue();
  const client = await tail(queue, { kinds: ["enqueued"] });
  client.isReading = false;
  for (let round = 0; round < 20; round += 1) await enqueue(queue, ...withLongIds(round));
  await settled(client);
  const unread = client.frames.reduce((sum, { length }) => sum + length, 0);
  expect(unread).toBeLessThan(1.5 * LIMITS.pushWindowBytes);
  expect(factsOf(client).length).toBeLessThan(10_000);
  client.isReading = true;
  for (const message of client.received.filter(({ op }) => op === "sync")) client.send(JSON.stringify(message));
  await client.until(() => missedBy(client) > 0);
  expect(factsOf(client).length + missedBy(client)).toBe(10_000);
  await enqueue(queue, task(2));
  await settled(client);
  expect(factsOf(client).length + missedBy(client)).toBe(10_001);
});

test("it takes the right to browse, and names of lanes and kinds", async () => {
  const queue = new ObjectQueue();
  const producer = await SocketClient.openFor(queue.name, ["enqueue"]);
  expect(await producer.ask("watch", { facts: {} })).toMatchObject({
    problem: { code: "forbidden", action: "browse" },
  });
  const client = await SocketClient.openFor(queue.name, ["browse"]);
  for (const facts of [{ kinds: ["eaten"] }, { lanes: ["a b"] }, { lanes: [] }, { since: 1 }, null])
    expect(await client.ask("watch", { facts })).toMatchObject({ problem: { code: "invalid-request" } });
});

async function rowsOfWork(isTailed: boolean): Promise<number> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await delivered(queue);
  if (isTailed) await tail(queue);
  const usage = () => runInDurableObject(queue.stub, (object) => object.usage().rowsWritten);
  const before = await usage();
  for (let round = 0; round < 10; round += 1) {
    await enqueue(queue, task(round), task(round, { priority: 1 }));
    await ack(queue, await claimOne(queue));
    await nack(queue, await claimOne(queue), { delayMs: 0 });
  }
  return (await usage()) - before;
}

test("work costs a queue that is tailed the same rows as one that is not", async () => {
  expect(await rowsOfWork(true)).toBe(await rowsOfWork(false));
});
