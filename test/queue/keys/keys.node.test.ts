// Keys: order, concurrency, rate and turns per key (K1 to K7), by the one door of a queue.

import { describe, expect, it, vi } from "vitest";
import type { ClaimedTask } from "../../../src/core/task.ts";
import { ack, claim, claimOne, configure, enqueue, extend, nack, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });

async function take(queue: MemoryQueue, max = 100): Promise<unknown[]> {
  return payloads(await claim(queue, { max, claimTimeoutMs: 60_000 }));
}

async function withKeys(...settings: Parameters<typeof configure>[1][]): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  for (const setting of settings) await configure(queue, setting);
  return queue;
}

describe("concurrency per key", () => {
  it("is never exceeded, by one call or by many, before and after a restart (K1)", async () => {
    const queue = await withKeys({ keys: { concurrency: 2 } });
    await enqueue(queue, ...Array.from({ length: 5 }, (_, n) => keyed(`a${n}`, "a")), keyed("b0", "b"));
    const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
    expect(payloads(held).toSorted()).toEqual(["a0", "a1", "b0"]);
    expect(await take(queue)).toEqual([]);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    await ack(queue, ...held.filter(({ payload }) => payload === '"a0"'));
    expect(await take(queue)).toEqual(["a2"]);
    expect(await take(queue)).toEqual([]);
  });

  it("frees a place at the deadline of a claim, and not a millisecond before", async () => {
    const queue = await withKeys({ keys: { concurrency: 1 } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
    expect(payloads(await claim(queue, { claimTimeoutMs: 1_000 }))).toEqual(["a0"]);
    queue.advance(999);
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toHaveLength(1);
    expect(await take(queue)).toEqual([]);
  });

  it("counts a key over lanes", async () => {
    const queue = await withKeys({ keys: { concurrency: 1 } });
    await enqueue(queue, keyed("x", "a", { lane: "x" }), keyed("y", "a", { lane: "y" }));
    const x = await claimOne(queue, { lanes: { inOrder: ["x"] } });
    expect(await claim(queue, { lanes: { inOrder: ["y"] } })).toEqual([]);
    await ack(queue, x);
    expect(payloads(await claim(queue, { lanes: { inOrder: ["y"] } }))).toEqual(["y"]);
  });

  it("hands the next task to one who waits as soon as a place is free", async () => {
    const queue = await withKeys({ keys: { concurrency: 1 } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
    const held = await claimOne(queue, { claimTimeoutMs: 60_000 });
    const waiting = queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 20_000 });
    await extend(queue, 60_000, held);
    await ack(queue, held);
    expect(await waiting).toMatchObject({ kind: "claimed", tasks: [{ payload: '"a1"' }] });
  });
});

describe("order per key", () => {
  it("offers no later task while one is claimed or waits for its retry (K2)", async () => {
    const queue = await withKeys({ keys: { order: "fifo", concurrency: 1 } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("b0", "b"));
    const first = await claim(queue, { max: 2, claimTimeoutMs: 60_000 });
    expect(payloads(first).toSorted()).toEqual(["a0", "b0"]);
    const a0 = first.find(({ payload }) => payload === '"a0"') as ClaimedTask;
    await nack(queue, a0, { delayMs: 5_000 });
    queue.advance(4_999);
    expect(await take(queue)).toEqual([]);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    const again = await claimOne(queue, { max: 10, claimTimeoutMs: 60_000 });
    expect(again).toMatchObject({ payload: '"a0"', attempts: 2 });
    await ack(queue, again);
    expect(await take(queue)).toEqual(["a1"]);
  });

  it("takes consecutive tasks of a key as a run", async () => {
    const queue = await withKeys({ keys: { order: "fifo" } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("a2", "a"));
    const run = await claim(queue, { max: 2, claimTimeoutMs: 60_000 });
    expect(payloads(run)).toEqual(["a0", "a1"]);
    expect(await take(queue)).toEqual([]);
    await ack(queue, ...run.slice(0, 1));
    expect(await take(queue)).toEqual([]);
    await nack(queue, run[1] as ClaimedTask, { delayMs: 0 });
    expect(await take(queue, 1)).toEqual(["a1"]);
  });

  it("is not held up by a task that is merely scheduled", async () => {
    const queue = await withKeys({ keys: { order: "fifo" } });
    await enqueue(queue, keyed("later", "a", { delayMs: 1_000 }), keyed("now", "a"));
    const now = await claimOne(queue);
    expect(payloads([now])).toEqual(["now"]);
    await ack(queue, now);
    queue.advance(1_000);
    expect(await take(queue)).toEqual(["later"]);
  });

  it("keeps the place of a task that waits for its retry and is changed meanwhile, but for its time (K2)", async () => {
    const queue = await withKeys({ keys: { order: "fifo" } });
    const [first] = await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
    await nack(queue, await claimOne(queue), { delayMs: 1_000 });
    const change = { id: first?.id ?? "", version: 3, change: { payload: '"changed"' } };
    expect(await queue.operate("changeTask", change)).toMatchObject({ kind: "task" });
    expect(await take(queue)).toEqual([]);
    queue.advance(1_000);
    await queue.restart();
    expect(await take(queue)).toEqual(["changed", "a1"]);
  });

  it("waits no longer for a task that is cancelled, or has left the key, while it waits for its retry", async () => {
    for (const leave of ["cancel", "change"] as const) {
      const queue = await withKeys({ keys: { order: "fifo" } });
      const [first] = await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
      await nack(queue, await claimOne(queue), { delayMs: 3_600_000 });
      expect(await take(queue)).toEqual([]);
      const id = first?.id ?? "";
      if (leave === "cancel") await queue.operate("cancelTask", { id, force: false });
      else await queue.operate("changeTask", { id, version: 3, change: { key: "b" } });
      expect(await take(queue)).toEqual(["a1"]);
    }
  });

  it("goes on after a death if it is fifo", async () => {
    const queue = await withKeys({ keys: { order: "fifo" } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
    await nack(queue, await claimOne(queue), { dead: true });
    expect(await take(queue)).toEqual(["a1"]);
  });

  it("is blocked by a death if it is strict, until the dead task is redriven", async () => {
    const queue = await withKeys({ keys: { order: "strict" } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
    await nack(queue, await claimOne(queue), { dead: true });
    expect(await take(queue)).toEqual([]);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    expect(await queue.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 1 });
    const first = await claimOne(queue);
    expect(payloads([first])).toEqual(["a0"]);
    await ack(queue, first);
    expect(await take(queue)).toEqual(["a1"]);
  });
});

describe("rate", () => {
  it("lets a key's attempts pass at the millisecond that it allows, also after a restart (K1)", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 10, periodMs: 1_000, burst: 2 } } });
    await enqueue(queue, ...Array.from({ length: 5 }, (_, n) => keyed(`a${n}`, "a")), keyed("b", "b"));
    const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
    expect(payloads(held).toSorted()).toEqual(["a0", "a1", "b"]);
    await ack(queue, ...held);
    await queue.restart();
    queue.advance(99);
    expect(await queue.operate("claim", { max: 5, lanes: { inOrder: ["main"] } })).toMatchObject({
      tasks: [],
      nextAt: queue.now() + 1,
    });
    queue.advance(1);
    expect(await take(queue)).toEqual(["a2"]);
    queue.advance(99);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toEqual(["a3"]);
  });

  it("is remembered over a purge and a crash, of a key and of the queue", async () => {
    const pace = { limit: 1, periodMs: 1_000, burst: 1 };
    for (const settings of [{ keys: { rate: pace } }, { rate: pace }]) {
      const queue = await withKeys(settings);
      await enqueue(queue, keyed("a0", "a"));
      await ack(queue, await claimOne(queue));
      expect(await queue.operate("purge", null)).toMatchObject({ kind: "done" });
      await queue.restart();
      await enqueue(queue, keyed("a1", "a"), keyed("a2", "a"));
      queue.advance(999);
      expect(await take(queue)).toEqual([]);
      queue.advance(1);
      expect(await take(queue)).toEqual(["a1"]);
      expect(await take(queue)).toEqual([]);
    }
  });

  it("of more keys than a row has room for is remembered over a purge", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 1, periodMs: 60_000, burst: 1 } } });
    const every = Array.from({ length: 2_500 }, (_, n) => n);
    for (const round of [1, 2]) {
      for (let from = 0; from < every.length; from += 500)
        await enqueue(queue, ...every.slice(from, from + 500).map((n) => keyed(n, `k${n}`)));
      let taken = 0;
      for (let found = await take(queue, 1_000); found.length > 0; found = await take(queue, 1_000))
        taken += found.length;
      expect(taken).toBe(round === 1 ? every.length : 0);
      await queue.operate("purge", null);
      await queue.restart();
    }
    expect(queue.sql.all("SELECT count(*) AS n FROM claims")).toEqual([{ n: 3 }]);
  });

  it("takes the cost of a task", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 10, periodMs: 1_000, burst: 10 } } });
    await enqueue(queue, keyed("a0", "a", { cost: 8 }), keyed("a1", "a", { cost: 4 }), keyed("a2", "a"));
    expect(await take(queue)).toEqual(["a0"]);
    queue.advance(199);
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toEqual(["a1"]);
  });

  it("does not let a cheap task that comes back wait for the dear one behind it", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 1, periodMs: 1_000, burst: 2 } } });
    await enqueue(queue, keyed("cheap", "a"), keyed("dear", "a", { cost: 2 }));
    const cheap = await claimOne(queue);
    expect(await take(queue)).toEqual([]);
    await nack(queue, cheap, { release: true });
    expect(await take(queue)).toEqual(["cheap"]);
  });

  it("does not let a cheap task wait for a dear one that is cancelled", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 1, periodMs: 1_000, burst: 3 } } });
    const ids = await enqueue(queue, keyed("first", "a"), keyed("dear", "a", { cost: 3 }), keyed("cheap", "a"));
    expect(await take(queue)).toEqual(["first"]);
    expect(await take(queue)).toEqual([]);
    await queue.operate("cancelTask", { id: ids[1]?.id ?? "", force: false });
    expect(await take(queue)).toEqual(["cheap"]);
  });

  it("of the whole queue is exact, and counts tasks without a key", async () => {
    const queue = await withKeys({ rate: { limit: 1, periodMs: 1_000, burst: 2 } });
    await enqueue(queue, task(1), keyed(2, "a"), task(3), task(4));
    expect(await take(queue)).toHaveLength(2);
    queue.advance(999);
    await queue.restart();
    expect(await queue.operate("claim", { max: 5, lanes: { inOrder: ["main"] } })).toMatchObject({
      tasks: [],
      nextAt: queue.now() + 1,
    });
    queue.advance(1);
    expect(await take(queue)).toHaveLength(1);
  });

  it("lets a key rest for as long as its upstream asks", async () => {
    const queue = await withKeys({});
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("b", "b"));
    const a0 = await claimOne(queue);
    await nack(queue, a0, { delayMs: 1_000, limitKey: true });
    expect(await take(queue)).toEqual(["b"]);
    queue.advance(999);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    const both = await claim(queue, { max: 10 });
    expect(both.map(({ attempts }) => attempts)).toEqual([1, 1]);
  });
});

describe("what is set", () => {
  it("takes effect at the next claim, and leaves claims as they are, however many (K1)", async () => {
    const queue = await withKeys({});
    await enqueue(queue, ...Array.from({ length: 6 }, (_, n) => keyed(`a${n}`, "a")));
    const held = await claim(queue, { max: 3, claimTimeoutMs: 60_000 });
    await configure(queue, { keys: { concurrency: 2 } });
    expect(await take(queue)).toEqual([]);
    await ack(queue, ...held.slice(0, 1));
    expect(await take(queue)).toEqual([]);
    await ack(queue, ...held.slice(1, 2));
    expect(await take(queue)).toEqual(["a3"]);
    await configure(queue, { keys: { concurrency: null, order: "fifo" } });
    expect(await take(queue)).toEqual([]);
    await configure(queue, { keys: { order: "none" } });
    expect(await take(queue)).toEqual(["a4", "a5"]);
  });

  it("of a rate wakes keys that wait for the old one, and takes what was used with it", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 1, periodMs: 60_000, burst: 1 } } });
    await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("a2", "a"));
    expect(await take(queue)).toEqual(["a0"]);
    expect(await take(queue)).toEqual([]);
    await configure(queue, { keys: { rate: { limit: 1, periodMs: 60_000, burst: 2 } } });
    expect(await take(queue)).toEqual(["a1"]);
    expect(await take(queue)).toEqual([]);
    await configure(queue, { keys: { rate: null } });
    expect(await take(queue)).toEqual(["a2"]);
  });
});

describe("what is set for one key", () => {
  it("wakes it from whatever it waits for", async () => {
    const queue = await withKeys({ keys: { rate: { limit: 1, periodMs: 60_000, burst: 1 } } });
    await enqueue(queue, ...Array.from({ length: 4 }, (_, n) => keyed(`a${n}`, "a")));
    expect(await take(queue)).toEqual(["a0"]);
    expect(await take(queue)).toEqual([]);
    await queue.operate("setKey", { key: "a", patch: { rate: { limit: 1, periodMs: 1_000, burst: 1 } } });
    queue.advance(999);
    expect(await take(queue)).toEqual([]);
    queue.advance(1);
    expect(await take(queue)).toEqual(["a1"]);
    await queue.operate("setKey", { key: "a", patch: { paused: true } });
    queue.advance(60_000);
    expect(await take(queue)).toEqual([]);
    await queue.restart();
    expect(await take(queue)).toEqual([]);
    await queue.operate("resetKey", { key: "a" });
    expect(await take(queue)).toEqual(["a2"]);
  });
});

describe("turns", () => {
  it("serve 99 keys with one task each within the first round beside a flood (K4)", async () => {
    const queue = await withKeys({});
    await enqueue(queue, ...Array.from({ length: 1_000 }, (_, n) => keyed(`flood${n}`, "flood")));
    await enqueue(queue, ...Array.from({ length: 99 }, (_, n) => keyed(`quiet${n}`, `quiet${n}`)));
    const round = await take(queue, 100);
    expect(round.filter((payload) => String(payload).startsWith("quiet"))).toHaveLength(99);
  });

  it("put priority first, and a new key at the present turn", async () => {
    const queue = await withKeys({});
    await enqueue(
      queue,
      ...Array.from({ length: 10 }, (_, n) => keyed(`a${n}`, "a")),
      keyed("high", "b", { priority: 1 }),
    );
    expect((await take(queue, 5))[0]).toBe("high");
    await enqueue(queue, ...Array.from({ length: 10 }, (_, n) => keyed(`c${n}`, "c")));
    const next = await take(queue, 6);
    // Not all six, as if it had the past to make up for: half, give or take one turn.
    const ofNew = next.filter((payload) => String(payload).startsWith("c")).length;
    expect(ofNew).toBeGreaterThanOrEqual(2);
    expect(ofNew).toBeLessThanOrEqual(4);
  });

  it("find a free key behind 1,000 limited ones without looking at their tasks (K3)", async () => {
    const queue = await withKeys({ keys: { concurrency: 1 } });
    for (let n = 0; n < 1_000; n += 1) await enqueue(queue, keyed("held", `k${n}`), keyed("next", `k${n}`));
    for (let n = 0; n < 10; n += 1) expect(await take(queue, 100)).toHaveLength(100);
    expect(await take(queue, 100)).toEqual([]);
    await enqueue(queue, keyed("free", "z"));
    const all = vi.spyOn(queue.sql, "all");
    expect(await take(queue, 10)).toEqual(["free"]);
    expect(all.mock.calls.length).toBeLessThan(10);
  });

  it("leave nothing behind of keys whose tasks are done (K5)", async () => {
    const queue = await withKeys({});
    await enqueue(queue, keyed("a", "a"), keyed("b", "b"));
    await ack(queue, ...(await claim(queue, { max: 10 })));
    expect(queue.sql.all("SELECT (SELECT count(*) FROM tasks) + (SELECT count(*) FROM keys) AS n")).toEqual([{ n: 0 }]);
  });
});
