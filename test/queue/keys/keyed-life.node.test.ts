// What becomes of keys while their tasks are inserted, changed, deleted and removed by other ways than ack and nack.

import { describe, expect, it } from "vitest";
import type { KeyReport } from "../../../src/core/key-report.ts";
import type { ClaimedTask } from "../../../src/core/task.ts";
import {
  ack,
  claim,
  claimOne,
  configure,
  enqueue,
  expectKind,
  get,
  nack,
  payloads,
  task,
} from "../../contract/builders.ts";
import { modify } from "../../contract/modify-builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });

async function withKeys(keys: object): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  await configure(queue, { keys });
  return queue;
}

async function take(queue: MemoryQueue, max = 100): Promise<unknown[]> {
  return payloads(await claim(queue, { max, claimTimeoutMs: 60_000 })).toSorted();
}

async function keyOf(queue: MemoryQueue, key: string): Promise<KeyReport> {
  return expectKind(await queue.operate("getKey", { key }), "key").report;
}

async function change(queue: MemoryQueue, id: string, to: object): Promise<void> {
  const { version } = await get(queue, id);
  await modify(queue, { change: [{ task: { id, version }, change: to }] });
}

/** A queue whose key `a` is blocked by a dead task, with another that waits. */
async function blocked(settings: object = {}): Promise<{ queue: MemoryQueue; id: string; version: number }> {
  const queue = await withKeys({ order: "strict" });
  await configure(queue, settings);
  const [dead] = await enqueue(queue, keyed("dead", "a"), keyed("next", "a"));
  await nack(queue, await claimOne(queue), { dead: true });
  expect(await keyOf(queue, "a")).toMatchObject({ limited: { by: "blocked" }, blockedBy: [dead?.id] });
  expect(await take(queue)).toEqual([]);
  const { id, version } = await get(queue, dead?.id ?? "");
  return { queue, id, version };
}

describe("a modify", () => {
  it("inserts tasks that obey the limits of their key (K1)", async () => {
    const queue = await withKeys({ concurrency: 1 });
    await modify(queue, { insert: [1, 2].map((n) => ({ task: keyed(`a${n}`, "a") })) });
    await modify(queue, { insert: [{ task: keyed("b1", "b", { cost: 3 }) }] });
    expect(await take(queue)).toEqual(["a1", "b1"]);
    expect(await take(queue)).toEqual([]);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
  });

  it("hands a task over to another key: it waits for that one, and the old one goes on (K1)", async () => {
    const queue = await withKeys({ concurrency: 1 });
    const [, second] = await enqueue(queue, keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"));
    expect(await take(queue)).toEqual(["a1", "b1"]);
    await change(queue, second?.id ?? "", { key: "c" });
    expect(await take(queue)).toEqual(["a2"]);
    expect(await keyOf(queue, "a")).toMatchObject({ ready: 0, claimed: 1 });
    expect(await keyOf(queue, "c")).toMatchObject({ ready: 0, claimed: 1 });
  });

  it("gives a claimed task back under another key, whose limit it obeys, and frees its own", async () => {
    const queue = await withKeys({ concurrency: 1 });
    await enqueue(queue, keyed("a1", "a"), keyed("a2", "a"), keyed("b1", "b"));
    const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
    const a1 = held.find(({ payload }) => payload === '"a1"') as ClaimedTask;
    const { id } = a1;
    await nack(queue, a1, { delayMs: 0 });
    await change(queue, id, { key: "b" });
    expect(await take(queue)).toEqual(["a2"]);
    await ack(queue, ...held.filter(({ payload }) => payload === '"b1"'));
    expect(await take(queue)).toEqual(["a1"]);
  });

  it("puts a task that its rate allows before one that costs too much: it is offered at once", async () => {
    const queue = await withKeys({ rate: { limit: 1, periodMs: 1_000, burst: 2 } });
    const [, cheap] = await enqueue(queue, keyed("spent", "a", { lane: "x" }), keyed("cheap", "a", { lane: "y" }));
    queue.advance(5);
    await enqueue(queue, keyed("dear", "a", { cost: 2 }));
    await ack(queue, await claimOne(queue, { lanes: { inOrder: ["x"] } }));
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    await change(queue, cheap?.id ?? "", { lane: "main" });
    expect(await take(queue)).toEqual(["cheap"]);
    queue.advance(1_999);
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toEqual(["dear"]);
  });

  it("takes a key away: the task obeys no key any longer", async () => {
    const queue = await withKeys({ order: "fifo" });
    const [, second] = await enqueue(queue, keyed("a1", "a"), keyed("a2", "a"));
    expect(await take(queue, 1)).toEqual(["a1"]);
    expect(await take(queue)).toEqual([]);
    await change(queue, second?.id ?? "", { key: null });
    expect((await get(queue, second?.id ?? "")).key).toBeUndefined();
    expect(await take(queue)).toEqual(["a2"]);
  });

  it("places a task in the order of its new key by the instant at which it became visible (K2)", async () => {
    const queue = await withKeys({ order: "fifo" });
    const [early] = await enqueue(queue, keyed("early", "a"));
    queue.advance(5);
    await enqueue(queue, keyed("b1", "b"));
    await change(queue, early?.id ?? "", { key: "b" });
    const order: unknown[] = [];
    for (let n = 0; n < 2; n += 1) {
      const next = await claimOne(queue);
      order.push(...payloads([next]));
      await ack(queue, next);
    }
    expect(order).toEqual(["early", "b1"]);
  });
});

describe("a strict key goes on when the dead task that blocks it", () => {
  it("is cancelled", async () => {
    const { queue, id } = await blocked();
    expectKind(await queue.operate("cancelTask", { id, force: false }), "cancelled");
    expect(await take(queue)).toEqual(["next"]);
  });

  it("is deleted by a modify", async () => {
    const { queue, id, version } = await blocked();
    await modify(queue, { delete: [{ task: { id, version } }] });
    expect(await keyOf(queue, "a")).toMatchObject({ limited: null, blockedBy: [] });
    expect(await take(queue)).toEqual(["next"]);
  });

  it("has been kept for as long as the retention says", async () => {
    const { queue } = await blocked({ retentionMs: 60_000 });
    await configure(queue, { retentionMs: null });
    queue.advance(59_999);
    await queue.sweep();
    expect(await keyOf(queue, "a")).toMatchObject({ limited: { by: "blocked" } });
    queue.advance(60_001);
    await queue.sweep();
    expect(await keyOf(queue, "a")).toMatchObject({ limited: null, blockedBy: [] });
    expect(await take(queue)).toEqual(["next"]);
  });

  it("is purged with all others", async () => {
    const { queue } = await blocked();
    expectKind(await queue.operate("purge", null), "done");
    await enqueue(queue, keyed("later", "a"));
    expect(await take(queue)).toEqual(["later"]);
  });

  it("or when its order is no longer strict, and blocks it again when it is", async () => {
    const { queue } = await blocked();
    await configure(queue, { keys: { order: "fifo" } });
    const next = await claimOne(queue);
    expect(payloads([next])).toEqual(["next"]);
    await configure(queue, { keys: { order: "strict" } });
    await ack(queue, next);
    await enqueue(queue, keyed("later", "a"));
    expect(await take(queue)).toEqual([]);
  });
});

it("a strict task that is redriven after its retention would have ended, had it lived, is kept for as long again (P2)", async () => {
  const queue = await withKeys({ order: "strict" });
  await configure(queue, { retentionMs: 60_000 });
  await enqueue(queue, keyed("a1", "a"));
  queue.advance(50_000);
  await nack(queue, await claimOne(queue), { dead: true });
  queue.advance(50_000);
  await enqueue(queue, keyed("a2", "a"));
  expect(await queue.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 1 });
  await queue.sweep();
  queue.advance(59_999);
  await queue.sweep();
  expect(await take(queue)).toEqual(["a1", "a2"]);
});

describe("a change of settings", () => {
  it("leaves what is claimed, and holds from the next claim on (K1)", async () => {
    const queue = await withKeys({ concurrency: 3 });
    await enqueue(queue, ...[1, 2, 3, 4, 5].map((n) => keyed(`a${n}`, "a")));
    const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
    expect(held).toHaveLength(3);
    await configure(queue, { keys: { concurrency: 1 } });
    expect(await ack(queue, ...held.slice(0, 2))).toEqual(["ok", "ok"]);
    expect(await take(queue)).toEqual([]);
    await ack(queue, ...held.slice(2));
    expect(await take(queue)).toEqual(["a4"]);
    await configure(queue, { keys: { concurrency: 2 } });
    expect(await take(queue)).toEqual(["a5"]);
  });

  it("to an order waits until the claims of a key have ended, however many there are", async () => {
    const queue = await withKeys({ concurrency: 2 });
    await enqueue(queue, ...[1, 2, 3, 4].map((n) => keyed(`a${n}`, "a")));
    const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
    await configure(queue, { keys: { order: "fifo", concurrency: 1 } });
    await ack(queue, ...held.slice(0, 1));
    expect(await take(queue)).toEqual([]);
    await ack(queue, ...held.slice(1));
    expect(await take(queue)).toEqual(["a3"]);
  });

  it("to no order offers a key's tasks past those that wait for their retry, at the millisecond", async () => {
    const queue = await withKeys({ order: "fifo" });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("later", "a", { delayMs: 500 }));
    await nack(queue, await claimOne(queue), { delayMs: 1_000 });
    expect(await take(queue)).toEqual([]);
    await configure(queue, { keys: { order: "none" } });
    expect(await take(queue)).toEqual(["a1"]);
    expect(await claim(queue, {})).toEqual([]);
    await enqueue(queue, keyed("new", "a"));
    expect(await take(queue)).toEqual(["new"]);
    queue.advance(499);
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toEqual(["later"]);
    queue.advance(499);
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toEqual(["a0"]);
  });
});
