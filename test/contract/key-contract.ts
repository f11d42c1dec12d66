// The rules of keys (K1 to K5), each at the millisecond before, at and after the instant at which it lets a task go.

import { describe, expect, it } from "vitest";
import type { SettingsPatch } from "../../src/core/settings.ts";
import {
  ack,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  extend,
  nack,
  payloads,
  ref,
  stats,
  task,
} from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });
const rate = { limit: 1, periodMs: 1_000, burst: 1 };
const lanes = { inOrder: ["main"] };

async function take(queue: QueueDriver, max = 10): Promise<unknown[]> {
  return payloads(await claim(queue, { max, claimTimeoutMs: 600_000 }));
}

/** Nothing a millisecond before, with and without what memory holds; then these. */
async function expectOnlyAfter(queue: QueueDriver, ms: number, expected: readonly unknown[]): Promise<void> {
  queue.advance(ms - 1);
  expect(await take(queue)).toEqual([]);
  await queue.restart();
  expect(await take(queue)).toEqual([]);
  queue.advance(1);
  expect(await take(queue)).toEqual(expected);
  queue.advance(1);
  expect(await take(queue)).toEqual([]);
}

export function keyContract(open: OpenQueue): void {
  const withKeys = async (settings: SettingsPatch): Promise<QueueDriver> => {
    const queue = await open();
    await configure(queue, settings);
    return queue;
  };

  describe("a key's concurrency (K1)", () => {
    it("is free again when a claim runs out, not before", async () => {
      const queue = await withKeys({ keys: { concurrency: 1 }, backoff: { minMs: 1_000, maxMs: 1_000, jitter: 0 } });
      await enqueue(queue, keyed("a0", "a", { maxAttempts: 1 }), keyed("a1", "a"));
      await claimOne(queue, { claimTimeoutMs: 1_000 });
      await expectOnlyAfter(queue, 1_000, ["a1"]);
    });

    it("is held for as long as a claim is extended", async () => {
      const queue = await withKeys({ keys: { concurrency: 1 } });
      await enqueue(queue, keyed("a0", "a", { maxAttempts: 1 }), keyed("a1", "a"));
      const held = await claimOne(queue, { claimTimeoutMs: 1_000 });
      queue.advance(999);
      await extend(queue, 2_000, held);
      await expectOnlyAfter(queue, 2_000, ["a1"]);
    });

    it("is not held by a retry that waits", async () => {
      const queue = await withKeys({ keys: { concurrency: 1 } });
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
      await nack(queue, await claimOne(queue), { delayMs: 1_000 });
      const a1 = await claimOne(queue);
      expect(payloads([a1])).toEqual(["a1"]);
      await ack(queue, a1);
      await expectOnlyAfter(queue, 1_000, ["a0"]);
    });
  });

  describe("a key's rate (K1)", () => {
    it("allows the next attempt at its instant, over a restart", async () => {
      const queue = await withKeys({ keys: { rate } });
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("a2", "a"));
      expect(await take(queue)).toEqual(["a0"]);
      await expectOnlyAfter(queue, 1_000, ["a1"]);
      await expectOnlyAfter(queue, 999, ["a2"]);
    });

    it("is charged by the cost of a task", async () => {
      const queue = await withKeys({ keys: { rate: { ...rate, burst: 3 } } });
      await enqueue(queue, keyed("a0", "a", { cost: 3 }), keyed("a1", "a", { cost: 2 }));
      expect(await take(queue)).toEqual(["a0"]);
      await expectOnlyAfter(queue, 2_000, ["a1"]);
    });

    it("counts an attempt that failed, and one whose claim has ended", async () => {
      const queue = await withKeys({ keys: { rate } });
      await enqueue(queue, keyed("a0", "a"));
      await nack(queue, await claimOne(queue), { delayMs: 0 });
      await expectOnlyAfter(queue, 1_000, ["a0"]);
    });

    it("errs toward fewer attempts when the clock is set back", async () => {
      const queue = await withKeys({ keys: { rate } });
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
      expect(await take(queue)).toEqual(["a0"]);
      queue.advance(-60_000);
      expect(await take(queue)).toEqual([]);
      queue.advance(999);
      expect(await take(queue)).toEqual([]);
    });

    it.each(["keys", "queue", "key"] as const)(
      "that is changed keeps what was used of it, in attempts: %s",
      async (of) => {
        const slow = { limit: 1, periodMs: 3_600_000, burst: 4 };
        const fast = { limit: 10, periodMs: 1_000, burst: 4 };
        const queue = await withKeys({ keys: { concurrency: 100 } });
        const set = async (to: typeof slow | null): Promise<void> => {
          if (of === "key") expectKind(await queue.operate("setKey", { key: "a", patch: { rate: to } }), "key");
          else await configure(queue, of === "queue" ? { rate: to } : { keys: { rate: to } });
        };
        await set(slow);
        await enqueue(queue, ...Array.from({ length: 20 }, (_, n) => keyed(n, "a")));
        expect(await take(queue)).toEqual([0, 1, 2, 3]);
        await set(fast);
        await expectOnlyAfter(queue, 100, [4]);
        queue.advance(199);
        expect(await take(queue)).toEqual([5, 6]);
        await set(slow);
        await expectOnlyAfter(queue, 3_600_000, [7]);
        // One that is taken away and set again begins with its whole burst.
        await set(null);
        expect(await take(queue, 1)).toEqual([8]);
        await set(slow);
        await queue.restart();
        expect(await take(queue)).toEqual([9, 10, 11, 12]);
      },
    );

    it("is known beforehand: a claim that finds nothing says when it allows more", async () => {
      const queue = await withKeys({ keys: { rate } });
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
      await take(queue);
      expect(await queue.operate("claim", { max: 1, lanes })).toMatchObject({ tasks: [], nextAt: queue.now() + 1_000 });
    });
  });

  describe("a rest that an upstream asked for (K1)", () => {
    it("holds the key, and no other, until its instant", async () => {
      const queue = await withKeys({});
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("b0", "b"));
      await nack(queue, await claimOne(queue), { delayMs: 1_000, limitKey: true });
      expect(await take(queue)).toEqual(["b0"]);
      await expectOnlyAfter(queue, 1_000, ["a1", "a0"]);
    });
  });

  describe("an ordered key (K2)", () => {
    it.each(["fifo", "strict"] as const)("waits for its retry, which comes first: %s", async (order) => {
      const queue = await withKeys({ keys: { order } });
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"), keyed("b0", "b"));
      await nack(queue, await claimOne(queue), { delayMs: 1_000 });
      expect(await take(queue)).toEqual(["b0"]);
      await expectOnlyAfter(queue, 1_000, ["a0", "a1"]);
    });

    it("waits for a claim to run out", async () => {
      const queue = await withKeys({ keys: { order: "fifo" } });
      await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
      await claimOne(queue, { claimTimeoutMs: 1_000 });
      await expectOnlyAfter(queue, 1_000, ["a0", "a1"]);
    });

    it("counts as delayed what waits for its retry in its place, after a restart too", async () => {
      const queue = await withKeys({ keys: { order: "fifo" } });
      await enqueue(
        queue,
        keyed("a0", "a"),
        keyed("a1", "a"),
        ...["b0", "b1"].map((n) => keyed(n, "b", { lane: "x" })),
      );
      const waiting = await claim(queue, { max: 2, lanes: { inOrder: ["x"] } });
      for (const held of [await claimOne(queue), ...waiting]) await nack(queue, held, { delayMs: 1_000 });
      expect(await counts(queue)).toEqual([1, 3, 0, 0]);
      await queue.restart();
      expect(await counts(queue)).toEqual([1, 3, 0, 0]);
      expectKind(await queue.operate("cancelTask", { id: waiting[0]?.id ?? "", force: false }), "cancelled");
      expect(await stats(queue)).toMatchObject({
        lanes: { main: { ready: 1, delayed: 1 }, x: { ready: 0, delayed: 1 } },
      });
      queue.advance(999);
      expect(await counts(queue)).toEqual([1, 2, 0, 0]);
      queue.advance(1);
      expect(await counts(queue)).toEqual([3, 0, 0, 0]);
    });

    it("does not wait for a task that is scheduled for later, and offers it at its instant", async () => {
      const queue = await withKeys({ keys: { order: "strict" } });
      await enqueue(queue, keyed("later", "a", { delayMs: 1_000 }), keyed("now", "a"));
      const now = await claimOne(queue);
      expect(payloads([now])).toEqual(["now"]);
      await ack(queue, now);
      await expectOnlyAfter(queue, 1_000, ["later"]);
    });

    it("goes on after a death if it is fifo, and if it is strict when it is unblocked", async () => {
      for (const order of ["fifo", "strict"] as const) {
        const queue = await withKeys({ keys: { order } });
        await enqueue(queue, keyed("a0", "a"), keyed("a1", "a"));
        await nack(queue, await claimOne(queue), { dead: true });
        await queue.restart();
        expect(await take(queue)).toEqual(order === "fifo" ? ["a1"] : []);
        await queue.operate("unblockKey", { key: "a" });
        expect(await take(queue)).toEqual(order === "fifo" ? [] : ["a1"]);
      }
    });
  });

  it("is blocked by 1,000 dead tasks at most, so that its row stays one that is quickly written", async () => {
    const queue = await withKeys({ claimTimeoutMs: 600_000 });
    for (const part of [1_000, 200]) {
      await enqueue(
        queue,
        ...Array.from({ length: part }, (_, n) => keyed(n, "a", { id: `${part}-${n}`.padEnd(128) })),
      );
    }
    const held = [...(await claim(queue, { max: 1_000 })), ...(await claim(queue, { max: 1_000 }))];
    await configure(queue, { keys: { order: "strict" } });
    for (const part of [held.slice(0, 600), held.slice(600)]) {
      await queue.operate("nack", { claims: part.map((one) => ({ claim: ref(one.claim), dead: true })) });
    }
    for (const restart of [() => Promise.resolve(), () => queue.restart()]) {
      await restart();
      const { report } = expectKind(await queue.operate("getKey", { key: "a" }), "key");
      expect(report.blockedBy).toHaveLength(1_000);
      expect(report.limited).toEqual({ by: "blocked", until: null });
    }
    await queue.operate("unblockKey", { key: "a" });
    await enqueue(queue, keyed("next", "a"));
    expect(await take(queue)).toEqual(["next"]);
  });

  describe("keys side by side", () => {
    it("never wait for one that is limited (K3)", async () => {
      const queue = await withKeys({ keys: { concurrency: 1 } });
      await enqueue(queue, ...Array.from({ length: 50 }, (_, n) => keyed(`a${n}`, "a")), keyed("b0", "b"));
      expect(await take(queue)).toEqual(["a0", "b0"]);
    });

    it("are served within a round beside a flood, after a restart too (K4)", async () => {
      const queue = await withKeys({});
      await enqueue(
        queue,
        ...Array.from({ length: 200 }, (_, n) => keyed("flood", `flood`, { headers: { n: `${n}` } })),
      );
      await enqueue(queue, ...Array.from({ length: 20 }, (_, n) => keyed(`q${n}`, `q${n}`)));
      await queue.restart();
      expect((await take(queue, 21)).filter((payload) => payload !== "flood")).toHaveLength(20);
    });

    it("are not known any longer once they have no tasks (K5)", async () => {
      const queue = await withKeys({ keys: { concurrency: 1, rate } });
      await enqueue(queue, keyed("a0", "a"), keyed("b0", "b"));
      await ack(queue, ...(await claim(queue, { max: 10 })));
      const page = { after: "", limit: 10 };
      expect(await queue.operate("listKeys", page)).toMatchObject({ kind: "keys", keys: [], after: null });
      await queue.restart();
      expect(await queue.operate("listKeys", page)).toMatchObject({ kind: "keys", keys: [], after: null });
    });
  });
}
