// Inserts into other queues: committed with the rest, there exactly once and in order, or told why not (P6, P9).

import { describe, expect, test, vi } from "vitest";
import type { OutboxMessage } from "../../src/core/outbox-message.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { QueueObject } from "../../src/object/queue-object.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  enqueue,
  expectKind,
  payloads,
  ref,
  stats,
  task,
} from "../contract/builders.ts";
import { failuresOf, modify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const WAIT = { timeout: 20_000, interval: 20 };

/** Queues that exist and are registered. */
async function openQueues(count: number): Promise<ObjectQueue[]> {
  const queues = Array.from({ length: count }, () => new ObjectQueue());
  for (const queue of queues) {
    await configure(queue, {});
    await delivered(queue);
  }
  return queues;
}

async function pair(): Promise<[from: ObjectQueue, to: ObjectQueue]> {
  const [from, to] = await openQueues(2);
  if (from === undefined || to === undefined) throw new Error("two queues expected");
  return [from, to];
}

async function outboxOf(queue: ObjectQueue): Promise<readonly OutboxMessage[]> {
  return expectKind(await queue.operate("listOutbox", { limit: 100, after: null }), "outbox").messages;
}

/** Lets the next retry be due, and made. */
async function retry(queue: ObjectQueue): Promise<void> {
  queue.advance(300_000);
  await queue.sweep();
}

const park = (queue: ObjectQueue) => queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 20_000 });

const readable = (seq: number) => ({ seq, kind: "insert", body: "{}", payload: `${seq}` });

const insertInto = (queue: ObjectQueue, ...values: unknown[]) => ({
  insert: values.map((value) => ({ task: task(value), queue: queue.name })),
});

describe("what arrives", () => {
  test("a task moves on in the commit that takes it out, and the answer says that it is on its way", async () => {
    const [from, to] = await pair();
    await enqueue(from, task("order"));
    const held = await claimOne(from);
    const answer = await modify(from, {
      delete: [{ task: { claim: ref(held.claim) } }],
      insert: [
        { task: task("invoice", { id: "i-1", lane: "side", headers: { a: "b" }, maxAttempts: 2 }), queue: to.name },
      ],
    });
    expect(answer.inserted).toEqual([
      { queue: to.name, message: expect.stringMatching(/^[0-9a-z]+$/) as string, onItsWay: true },
    ]);
    await delivered(from);
    expect(await browseAll(from)).toEqual([]);
    expect(await claimOne(to, { lanes: { inOrder: ["side"] } })).toMatchObject({
      id: "i-1",
      payload: '"invoice"',
      headers: { a: "b" },
      maxAttempts: 2,
      attempts: 1,
      origin: null,
    });
  });

  test("text and bytes arrive as they are", async () => {
    const [from, to] = await pair();
    const bytes = new Uint8Array([0, 255, 7]);
    await modify(from, {
      insert: [
        { task: { payload: "text\nof lines", contentType: "text/plain" }, queue: to.name },
        { task: { payload: bytes, contentType: "image/png" }, queue: to.name },
      ],
    });
    await delivered(from);
    const tasks = await claim(to, { max: 5 });
    expect(tasks.map(({ payload, contentType }) => [payload, contentType])).toEqual([
      ["text\nof lines", "text/plain"],
      [bytes, "image/png"],
    ]);
  });

  test("its delay and TTL count from the commit, however long the way", async () => {
    const [from, to] = await pair();
    vi.spyOn(QueueObject.prototype, "receive").mockRejectedValueOnce(new Error("the network is down"));
    const committedAt = from.now();
    await modify(from, {
      insert: [
        { task: task("late", { delayMs: 400_000, ttlMs: 500_000 }), queue: to.name },
        { task: task("now", { ttlMs: 1_000 }), queue: to.name },
      ],
    });
    await vi.waitUntil(async () => (await outboxOf(from))[0]?.error !== null, WAIT);
    await retry(from);
    await delivered(from);
    expect(await browseAll(to, "delayed")).toMatchObject([
      { payload: '"late"', visibleAt: committedAt + 400_000, expiresAt: committedAt + 500_000 },
    ]);
    expect(await claim(to)).toEqual([]);
  });

  test("messages arrive in the order of their commits", async () => {
    const [from, to] = await pair();
    for (let index = 0; index < 30; index += 3) await modify(from, insertInto(to, index, index + 1, index + 2));
    await delivered(from);
    expect(payloads(await claim(to, { max: 100 }))).toEqual(Array.from({ length: 30 }, (_, index) => index));
  });

  test("an insert into the queue itself is no message", async () => {
    const [from] = await openQueues(1);
    if (from === undefined) throw new Error("a queue expected");
    const answer = await modify(from, insertInto(from, 1));
    expect(answer.inserted).toMatchObject([{ duplicate: false }]);
    expect((await stats(from)).outbox).toBe(0);
  });

  test("the receiver is created by what arrives, and an id that it has is not taken twice (P10)", async () => {
    const [from] = await openQueues(1);
    if (from === undefined) throw new Error("a queue expected");
    const to = new ObjectQueue();
    const insert = [{ task: task("one", { id: "x" }), queue: to.name }];
    await modify(from, { insert });
    await modify(from, { insert });
    await delivered(from);
    expect(payloads(await browseAll(to))).toEqual(["one"]);
    await ack(to, await claimOne(to));
    await modify(from, { insert });
    await delivered(from);
    expect(await browseAll(to)).toEqual([]);
  });

  test("a modify that fails sends nothing (P6)", async () => {
    const [from, to] = await pair();
    await failuresOf(from, { ...insertInto(to, 1), depend: [{ task: { id: "nobody", version: 1 } }] });
    expect((await stats(from)).outbox).toBe(0);
    expect(await browseAll(to)).toEqual([]);
  });
});

test("a claim that waits is answered by an insert, of a modify here or in another queue (P7)", async () => {
  const [from, to] = await pair();
  const here = park(from);
  const there = park(to);
  await modify(from, { insert: [{ task: task("here") }, ...insertInto(to, "there").insert] });
  expect(payloads(expectKind(await here, "claimed").tasks)).toEqual(["here"]);
  expect(payloads(expectKind(await there, "claimed").tasks)).toEqual(["there"]);
});

describe("what goes wrong on the way", () => {
  test("an answer that is lost, and a crash of both, make no second task", async () => {
    const [from, to] = await pair();
    // oxlint-disable-next-line typescript/unbound-method -- applied to the object that the spy is called on
    const { receive } = QueueObject.prototype;
    const lost = vi.spyOn(QueueObject.prototype, "receive").mockImplementation(async function (
      this: QueueObject,
      ...call
    ) {
      await receive.apply(this, call);
      throw new Error("the answer is lost");
    });
    await modify(from, insertInto(to, 1, 2));
    await vi.waitUntil(async () => (await outboxOf(from))[0]?.error === "the answer is lost", WAIT);
    lost.mockRestore();
    expect(await outboxOf(from)).toMatchObject([
      { queue: to.name, kind: "insert", state: "waiting", refusals: 0, error: "the answer is lost" },
      { state: "waiting" },
    ]);
    await from.crash();
    await from.sweep();
    await delivered(from);
    expect(payloads(await claim(to, { max: 9 }))).toEqual([1, 2]);
    expect(await browseAll(to, "ready")).toEqual([]);
  });

  test("a message that is cut off by a crash is sent by the next instance, which its alarm wakes (P1)", async () => {
    const [from, to] = await pair();
    const down = vi.spyOn(QueueObject.prototype, "receive").mockReturnValue(new Promise(() => {}));
    await modify(from, insertInto(to, 1));
    await vi.waitUntil(() => down.mock.calls.length > 0, WAIT);
    await from.crash();
    down.mockRestore();
    from.advance(1_000);
    await from.sweep();
    await delivered(from);
    expect(payloads(await browseAll(to))).toEqual([1]);
  });

  test("a clock that stands still over a restart does not make a new message look like an old one", async () => {
    const [from, to] = await pair();
    await modify(from, insertInto(to, 1));
    await delivered(from);
    await from.crash();
    await modify(from, insertInto(to, 2));
    await delivered(from);
    vi.setSystemTime(from.now() - 3_600_000);
    await from.crash();
    await modify(from, insertInto(to, 3));
    await delivered(from);
    expect(payloads(await claim(to, { max: 9 }))).toEqual([1, 2, 3]);
  });
});

describe("a receiver that refuses", () => {
  test("a paused queue does not", async () => {
    const [from, to] = await pair();
    await configure(to, { paused: true });
    await modify(from, insertInto(to, 1));
    await delivered(from);
    expect(payloads(await browseAll(to))).toEqual([1]);
  });

  test("a full one takes the rest in order when it has room", async () => {
    const [from, to] = await pair();
    await configure(to, { maxBacklog: 2 });
    await modify(from, insertInto(to, 1, 2, 3, 4));
    await vi.waitUntil(async () => (await outboxOf(from))[0]?.refusals === 1, WAIT);
    expect(await outboxOf(from)).toMatchObject([
      { state: "waiting", refusals: 1, error: "the queue is full: its limit is 2 tasks" },
      { state: "waiting", refusals: 0, error: null },
    ]);
    await ack(to, ...(await claim(to, { max: 2 })));
    await retry(from);
    await delivered(from);
    expect(payloads(await claim(to, { max: 9 }))).toEqual([3, 4]);
  });

  test("a deleted one refuses until somebody makes it again, and keeps no other from receiving", async () => {
    const [from, gone, other] = await openQueues(3);
    if (from === undefined || gone === undefined || other === undefined) throw new Error("three queues expected");
    await gone.operate("deleteQueue", null);
    await modify(from, { insert: [...insertInto(gone, 1).insert, ...insertInto(other, 2).insert] });
    await vi.waitUntil(async () => (await outboxOf(from))[0]?.refusals === 1, WAIT);
    await vi.waitUntil(async () => (await outboxOf(from)).length === 1, WAIT);
    expect(payloads(await browseAll(other))).toEqual([2]);
    expect(await outboxOf(from)).toMatchObject([{ queue: gone.name, error: "the queue is deleted" }]);
    expect(await gone.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
    await configure(gone, {});
    await retry(from);
    await delivered(from);
    expect(payloads(await browseAll(gone))).toEqual([1]);
  });

  test("what it keeps refusing is parked at the limit, the rest goes on, and a retry by hand brings it once", async () => {
    const [from, to] = await pair();
    await configure(to, { maxBacklog: 1 });
    await enqueue(to, task("in the way"));
    await modify(from, { insert: [{ task: task("parked", { id: "p" }), queue: to.name }] });
    await modify(from, insertInto(to, "next"));
    const refusals = async () => (await outboxOf(from))[0]?.refusals;
    for (let count = 1; count < LIMITS.outboxRefusals; count += 1) {
      await vi.waitUntil(async () => (await refusals()) === count, WAIT);
      expect((await outboxOf(from))[0]).toMatchObject({ state: "waiting", id: "p" });
      await retry(from);
    }
    await vi.waitUntil(async () => (await outboxOf(from))[0]?.state === "parked", WAIT);
    expect(await outboxOf(from)).toMatchObject([
      { id: "p", state: "parked", refusals: LIMITS.outboxRefusals, error: "the queue is full: its limit is 1 tasks" },
      { id: null, state: "waiting" },
    ]);
    await configure(to, { maxBacklog: null });
    await retry(from);
    await vi.waitUntil(async () => (await outboxOf(from)).length === 1, WAIT);
    await from.restart();
    expect(await from.operate("retryOutbox", { limit: 10 })).toEqual({ kind: "done", messages: 1, more: false });
    await delivered(from);
    expect(payloads(await claim(to, { max: 9 }))).toEqual(["in the way", "next", "parked"]);
    expect(await from.operate("retryOutbox", { limit: 10 })).toEqual({ kind: "done", messages: 0, more: false });
  });

  test("a copy that comes after its message was parked arrives to nothing, and the retry brings it once", async () => {
    const [from, to] = await pair();
    await configure(to, { maxBacklog: 1 });
    await enqueue(to, task("in the way"));
    const sent = vi.spyOn(QueueObject.prototype, "receive");
    await modify(from, insertInto(to, "once"));
    const message = async () => (await outboxOf(from))[0];
    for (let count = 1; count < LIMITS.outboxRefusals; count += 1) {
      await vi.waitUntil(async () => (await message())?.refusals === count, WAIT);
      await retry(from);
    }
    await vi.waitUntil(async () => (await message())?.state === "parked", WAIT);
    const copy = sent.mock.calls.find(([, messages]) => messages[0]?.kind === "insert")?.[1];
    if (copy === undefined) throw new Error("a delivery expected");
    sent.mockRestore();
    await configure(to, { maxBacklog: null });
    expect(await to.stub.receive(from.name, [...copy])).toMatchObject({ kind: "withdrawn" });
    expect(payloads(await browseAll(to))).toEqual(["in the way"]);
    await from.operate("retryOutbox", { limit: 10 });
    await delivered(from);
    await to.stub.receive(from.name, [...copy]);
    expect(payloads(await claim(to, { max: 9 }))).toEqual(["in the way", "once"]);
  });

  test("a copy that comes before its message is taken back counts as its delivery", async () => {
    const [from, to] = await pair();
    const message = { seq: 1_000, kind: "insert", body: "{}", payload: '"once"' };
    const withdrawal = { ...message, kind: "withdrawal" };
    expect(await to.stub.receive(from.name, [message])).toEqual({ kind: "received", upTo: 1_000 });
    expect(await to.stub.receive(from.name, [withdrawal])).toEqual({ kind: "received", upTo: 1_000 });
    const next = { ...withdrawal, seq: 1_001 };
    for (const _ of [1, 2]) expect(await to.stub.receive(from.name, [next])).toEqual({ kind: "withdrawn", seq: 1_001 });
    expect(await to.stub.receive(from.name, [{ ...message, seq: 1_001 }])).toEqual({ kind: "withdrawn", seq: 1_001 });
    expect(payloads(await browseAll(to))).toEqual(["once"]);
  });

  test("a message of a kind that is not understood is refused and kept", async () => {
    const [from, to] = await pair();
    expect(await to.stub.receive(from.name, [{ seq: 7, kind: "prepare", body: "{}", payload: null }])).toEqual({
      kind: "refused",
      upTo: 0,
      seq: 7,
      reason: 'a message of kind "prepare" is not understood here',
    });
  });

  test("a message that cannot be read is refused and kept, and those before it are taken", async () => {
    vi.spyOn(console, "error").mockImplementation(() => {});
    const [from, to] = await pair();
    for (const [at, unread] of [
      { kind: "dead-letter", body: "{}", payload: "1" },
      { kind: "redrive", body: "null", payload: "1" },
    ].entries()) {
      const seq = 10 * at;
      const messages = [readable(seq + 1), { seq: seq + 2, ...unread }, readable(seq + 3)];
      expect(await to.stub.receive(from.name, messages)).toEqual({ kind: "received", upTo: seq + 1 });
      for (const count of [2, 1]) {
        const refused = await to.stub.receive(from.name, messages.slice(1, 1 + count));
        expect(refused).toMatchObject({ kind: "refused", upTo: 0, seq: seq + 2 });
        expect(refused).toHaveProperty("reason", expect.stringContaining("cannot be read"));
      }
      const withdrawal = { seq: seq + 2, kind: "withdrawal", body: "{}", payload: null };
      expect(await to.stub.receive(from.name, [withdrawal])).toEqual({ kind: "withdrawn", seq: seq + 2 });
      expect(await to.stub.receive(from.name, messages.slice(2))).toEqual({ kind: "received", upTo: seq + 3 });
    }
    expect(payloads(await browseAll(to)).toSorted()).toEqual([1, 11, 13, 3]);
  });

  test("a late copy of a delivery does not bring a deleted queue back", async () => {
    const [from, to] = await pair();
    await modify(from, insertInto(to, 1));
    await delivered(from);
    await to.operate("deleteQueue", null);
    const late = [{ seq: 1, kind: "insert", body: "{}", payload: "1" }];
    expect(await to.stub.receive(from.name, late)).toMatchObject({ kind: "received" });
    expect(await to.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
  });
});
