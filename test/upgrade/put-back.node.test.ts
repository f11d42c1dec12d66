// A queue's database is put back to an earlier moment (Cloudflare's point-in-time recovery, or a copy of the state folder), while its
// consumers and the queues that it sends to have lived on. What happened in between has happened to nobody: no token, id or message
// of that time may be taken for one of the new life (P4, P9).

import { expect, test } from "vitest";
import type { OutboxMessage } from "../../src/core/outbox-message.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import type { Message } from "../../src/queue/queue.ts";
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
  stats,
  task,
} from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";
import { dumped } from "./stored-database.ts";

const HOUR_MS = 3_600_000;

/** The queue as it was then, at a later instant. */
async function putBack(database: readonly string[], now: number): Promise<MemoryQueue> {
  // Lives are told apart by chance.
  const queue = new MemoryQueue("orders", Math.random);
  for (const statement of database) queue.sql.run(statement);
  queue.advance(now - queue.now());
  // Nonces are random: those of another life are not given out again.
  queue.skipNonces(1_000);
  await queue.restart();
  return queue;
}

/** Sends to a queue that is there, and keeps what was sent. */
function sendingTo(receiver: MemoryQueue, queue: MemoryQueue): Message[] {
  const sent: Message[] = [];
  queue.deliver = (name, messages) => {
    if (name !== receiver.name) return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
    sent.push(...messages);
    return receiver.queue.receive(queue.name, messages);
  };
  return sent;
}

async function dies(queue: MemoryQueue, payload: string): Promise<void> {
  await enqueue(queue, task(payload, { lane: "dies", maxAttempts: 1 }));
  await nack(queue, await claimOne(queue, { lanes: { inOrder: ["dies"] } }), { dead: true });
}

async function outboxOf(queue: MemoryQueue): Promise<readonly OutboxMessage[]> {
  return expectKind(await queue.operate("listOutbox", { limit: 10, after: null }), "outbox").messages;
}

/** Lets the alarm ring until so many messages, and no others, have been put aside. */
async function parks(queue: MemoryQueue, count = 1): Promise<void> {
  const isParked = async (): Promise<boolean> => {
    queue.advance(HOUR_MS);
    await queue.sweep();
    const messages = await outboxOf(queue);
    return messages.length === count && messages.every(({ state }) => state === "parked");
  };
  await expect.poll(isParked, { interval: 1 }).toBe(true);
}

test("claims that were made since settle nothing; those that were held then are held again, until their deadlines", async () => {
  const before = new MemoryQueue();
  await enqueue(before, task("held"), task("waits"));
  const held = await claimOne(before, { claimTimeoutMs: 2 * HOUR_MS });
  const database = dumped(before.sql);

  before.advance(1_000);
  const since = await claimOne(before);
  expect(await ack(before, held, since)).toEqual(["ok", "ok"]);
  await enqueue(before, task("since"));
  const later = await claimOne(before);

  const after = await putBack(database, before.now() + 1);
  // The same slots are taken again, by other claims.
  const [waits] = await claim(after, { max: 5, claimTimeoutMs: HOUR_MS });
  expect(waits).toMatchObject({ payload: `"waits"`, attempts: 1 });
  expect(await ack(after, since, later)).toEqual(["claim-lost", "task-not-found"]);
  expect(await counts(after)).toEqual([0, 0, 2, 0]);
  after.advance(2 * HOUR_MS);
  expect(payloads(await claim(after, { max: 5 })).toSorted()).toEqual(["held", "waits"]);
});

test("ids that were given out since are not given out again, though their tasks are gone", async () => {
  const before = new MemoryQueue();
  await enqueue(before, task("then"));
  const database = dumped(before.sql);
  before.advance(1_000);
  const since = await enqueue(before, ...Array.from({ length: 50 }, (_, index) => task(index)));
  const after = await putBack(database, before.now() + 1);
  const anew = await enqueue(after, ...Array.from({ length: 50 }, (_, index) => task(index)));
  const ids = new Set([...since, ...anew].map(({ id }) => id));
  expect(ids.size).toBe(100);
});

test("what it sends from then on is taken, and what it had sent already is taken once", async () => {
  const dead = new MemoryQueue("orders-dead");
  const before = new MemoryQueue();
  before.deliver = () => Promise.reject(new Error("cannot be reached"));
  await configure(before, { deadLetterQueue: "orders-dead" });
  await dies(before, "then");
  await expect.poll(async () => (await outboxOf(before)).every(({ error }) => error !== null)).toBe(true);
  const database = dumped(before.sql);
  const sent = sendingTo(dead, before);
  before.advance(HOUR_MS);
  await before.sweep();
  await dies(before, "since");
  await expect.poll(() => sent.length).toBe(2);

  const after = await putBack(database, before.now() + 1);
  const anew = sendingTo(dead, after);
  after.advance(HOUR_MS);
  await after.sweep();
  await dies(after, "anew");
  await expect.poll(() => anew.length).toBe(2);
  // The one of then goes again under its number; the new one's is above all that was ever sent.
  expect(anew[0]?.seq).toBe(sent[0]?.seq);
  expect(anew[1]?.seq).toBeGreaterThan(sent[1]?.seq ?? 0);
  expect(payloads(await browseAll(dead)).toSorted()).toEqual(["anew", "since", "then"]);
});

test("a message that its receiver was asked never to take is parked again, and is not lost", async () => {
  const dead = new MemoryQueue("orders-dead");
  await configure(dead, { maxBacklog: 1 });
  await enqueue(dead, task("full"));
  const before = new MemoryQueue();
  sendingTo(dead, before);
  await configure(before, { deadLetterQueue: "orders-dead", retentionMs: null });
  await dies(before, "refused");
  const database = dumped(before.sql);
  await parks(before);

  const after = await putBack(database, before.now() + 1);
  sendingTo(dead, after);
  await parks(after);
  await configure(dead, { maxBacklog: null });
  await after.operate("retryOutbox", { limit: 10 });
  await expect.poll(async () => (await stats(after)).outbox).toBe(0);
  expect(payloads(await browseAll(dead)).toSorted()).toEqual(["full", "refused"]);
});

test("each of several messages that were taken back since is put aside again", async () => {
  const dead = new MemoryQueue("orders-dead");
  await configure(dead, { maxBacklog: 1 });
  await enqueue(dead, task("full"));
  const before = new MemoryQueue();
  sendingTo(dead, before);
  await configure(before, { deadLetterQueue: "orders-dead", retentionMs: null });
  for (const payload of ["first", "second", "third"]) await dies(before, payload);
  const database = dumped(before.sql);
  await parks(before, 3);

  const after = await putBack(database, before.now() + 1);
  sendingTo(dead, after);
  await parks(after, 3);
  await configure(dead, { maxBacklog: null });
  await after.operate("retryOutbox", { limit: 10 });
  await expect.poll(async () => (await stats(after)).outbox).toBe(0);
  expect(payloads(await browseAll(dead)).toSorted()).toEqual(["first", "full", "second", "third"]);
});

test("a queue that has not been notified yet gives out no message number of the time between, in which it woke several times", async () => {
  const dead = new MemoryQueue("orders-dead");
  const before = new MemoryQueue();
  const sent = sendingTo(dead, before);
  await configure(before, { deadLetterQueue: "orders-dead" });
  const database = dumped(before.sql);
  for (const payload of ["first since", "second since", "third since"]) {
    before.advance(300);
    await before.restart();
    await dies(before, payload);
  }
  await expect.poll(() => sent.length).toBe(3);

  const after = await putBack(database, before.now() + 300);
  const anew = sendingTo(dead, after);
  await dies(after, "anew");
  await expect.poll(() => anew.length).toBe(1);
  expect(anew[0]?.seq).toBeGreaterThan(sent[2]?.seq ?? 0);
  expect(payloads(await browseAll(dead)).toSorted()).toEqual(["anew", "first since", "second since", "third since"]);
});

test("a queue that is notified gives out no id and no message number of the time between, though the clock was set back", async () => {
  const dead = new MemoryQueue("orders-dead");
  const before = new MemoryQueue();
  const sent = sendingTo(dead, before);
  await configure(before, { deadLetterQueue: "orders-dead" });
  const then = await enqueue(before, task("then"));
  const database = dumped(before.sql);
  // Long enough for numbers of a further block.
  before.advance(HOUR_MS);
  await before.restart();
  const since = await enqueue(before, task("since"));
  await dies(before, "dead since");
  await expect.poll(() => sent.length).toBe(1);

  // By the clock the time between has not come yet, and would come again.
  const after = await putBack(database, before.now() - HOUR_MS);
  const anew = sendingTo(dead, after);
  expectKind(await after.operate("reincarnate", null), "reincarnated");
  await dies(after, "dead anew");
  await expect.poll(() => anew.length).toBe(1);
  await expect.poll(async () => (await outboxOf(after)).filter(({ queue }) => queue === dead.name)).toEqual([]);
  expect(payloads(await browseAll(dead)).toSorted()).toEqual(["dead anew", "dead since"]);
  after.advance(HOUR_MS);
  const ids = [...then, ...since, ...(await enqueue(after, task("anew")))].map(({ id }) => id);
  expect(new Set(ids).size).toBe(3);
  expect(await after.operate("getTask", { id: since[0]?.id ?? "" })).toMatchObject({ kind: "task-not-found" });
});

test("a queue that is put back again, to before the first time, gives out no message number twice, though the clock was set back in between", async () => {
  const dead = new MemoryQueue("orders-dead");
  const before = new MemoryQueue();
  sendingTo(dead, before);
  await configure(before, { deadLetterQueue: "orders-dead" });
  const database = dumped(before.sql);
  let now = before.now();
  for (const times of [1, 2, 3]) {
    now -= HOUR_MS;
    const after = await putBack(database, now);
    const sent = sendingTo(dead, after);
    expectKind(await after.operate("reincarnate", { times }), "reincarnated");
    await dies(after, `dead in life ${times + 1}`);
    await expect.poll(() => sent.length).toBe(1);
  }
  expect(payloads(await browseAll(dead)).toSorted()).toEqual(["dead in life 2", "dead in life 3", "dead in life 4"]);
});

test("the lives that tasks are left of are known, and the last hundred; a queue that is put back for ever keeps no more of them", async () => {
  const queue = new MemoryQueue("orders", Math.random);
  await enqueue(queue, task("done"));
  const kept: string[] = [];
  let held: ClaimedTask | null = null;
  for (let life = 1; life <= 150; life += 1) {
    queue.advance(1);
    if (life === 20 || life === 30) {
      const [written] = await enqueue(queue, task(life, life === 30 ? { delayMs: 1 } : {}));
      kept.push(written?.id ?? "");
    }
    if (life === 1) await ack(queue, await claimOne(queue));
    if (life === 60) held = await claimOne(queue, { claimTimeoutMs: HOUR_MS });
    expectKind(await queue.operate("reincarnate", null), "reincarnated");
  }
  for (const restart of [false, true]) {
    if (restart) await queue.restart();
    expect(JSON.parse(queue.sql.all("SELECT former FROM queue")[0]?.["former"] as string)).toHaveLength(102);
    for (const id of kept) expect(await queue.operate("getTask", { id })).toMatchObject({ kind: "task", task: { id } });
    expect(held === null ? [] : await ack(queue, held)).toEqual(["claim-lost"]);
  }
});

test("a receiver that was put back takes what comes from then on, and what is sent again that it has forgotten", async () => {
  const dead = new MemoryQueue("orders-dead");
  const orders = new MemoryQueue();
  const sent = sendingTo(dead, orders);
  await configure(orders, { deadLetterQueue: "orders-dead" });
  await dies(orders, "then");
  await expect.poll(() => sent.length).toBe(1);
  const database = dumped(dead.sql);
  await dies(orders, "since");
  await expect.poll(() => sent.length).toBe(2);

  const after = await putBack(database, dead.now() + 1);
  expect(await after.queue.receive("orders", sent)).toEqual({ kind: "received", upTo: sent[1]?.seq });
  expect(await after.queue.receive("orders", sent)).toEqual({ kind: "received", upTo: sent[1]?.seq });
  expect(payloads(await browseAll(after)).toSorted()).toEqual(["since", "then"]);
});
