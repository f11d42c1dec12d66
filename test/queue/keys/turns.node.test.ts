// Whose turn it is (K4): counted in tasks that are served before another, by the one door of a queue.

import { describe, expect, it } from "vitest";
import type { ClaimedTask } from "../../../src/core/task.ts";
import { ack, claim, claimOne, configure, enqueue, nack, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });
const many = (key: string, count: number) => Array.from({ length: count }, () => keyed(key, key));

/** Whose tasks come out, one claim and ack at a time. */
async function served(queue: MemoryQueue, count: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let n = 0; n < count; n += 1) {
    const one = await claimOne(queue);
    await ack(queue, one);
    found.push(...payloads([one]));
  }
  return found;
}

const times = (found: readonly unknown[], key: string): number => found.filter((other) => other === key).length;

/** One consumer works a number of tasks off, each as long as its key says; what each key was claimed for in all. */
async function worked(queue: MemoryQueue, count: number, msOf: Record<string, number>): Promise<Map<unknown, number>> {
  const claimedMs = new Map<unknown, number>();
  for (let n = 0; n < count; n += 1) {
    const one = await claimOne(queue);
    const [key] = payloads([one]);
    const ms = msOf[String(key)] ?? 0;
    queue.advance(ms);
    await ack(queue, one);
    claimedMs.set(key, (claimedMs.get(key) ?? 0) + ms);
  }
  return claimedMs;
}

async function shared(): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { fairness: "share" } });
  return queue;
}

describe("turns by count", () => {
  it("go to tasks without a key as if they shared one, claim by claim", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, ...Array.from({ length: 20 }, () => task("plain")), ...many("a", 20), ...many("b", 20));
    const found = await served(queue, 30);
    for (const key of ["plain", "a", "b"]) expect(times(found, key)).toBe(10);
  });

  it("go in the order in which keys came, so that keys with one task each starve nobody", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, ...many("old-1", 1), ...many("old-2", 1), ...many("old-3", 1));
    const found: unknown[] = [];
    for (let n = 0; n < 20; n += 1) {
      await enqueue(queue, ...many(`new-${n}`, 1));
      found.push(...(await served(queue, 1)));
    }
    expect(found.slice(0, 4)).toEqual(["old-1", "old-2", "old-3", "new-0"]);
    expect(found.at(-1)).toBe("new-16");
  });

  it.each([1, 10])(
    "of a key with many tasks come again beside an endless row of new keys, %i at a time (K4)",
    async (width) => {
      const queue = new MemoryQueue();
      await enqueue(queue, ...many("old", 400));
      const newKeys = Array.from({ length: 400 }, (_, n) => keyed("new", `new-${n}`));
      await enqueue(queue, ...newKeys.splice(0, width));
      const found: unknown[] = [];
      while (newKeys.length > 0) {
        const [payload] = await served(queue, 1);
        found.push(payload);
        if (payload === "new") await enqueue(queue, ...newKeys.splice(0, 1));
      }
      // Those in line, and once again as many.
      const mostBetween = 2 * (width + 2);
      for (let at = 0; at + mostBetween <= found.length; at += 1) {
        expect(found.slice(at, at + mostBetween)).toContain("old");
      }
      expect(times(found, "old")).toBeGreaterThan(10);
    },
  );

  it("are kept by the key whose turn it is when a new one comes", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, ...many("a", 50), ...many("b", 50));
    await served(queue, 21);
    await enqueue(queue, ...many("new", 1));
    expect(await served(queue, 2)).toEqual(["b", "new"]);
  });

  it("are as many as a key's weight, at any point", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, ...many("a", 100), ...many("b", 100));
    await queue.operate("setKey", { key: "a", patch: { weight: 3 } });
    const found = await served(queue, 40);
    for (let upTo = 4; upTo <= 40; upTo += 4) {
      expect(Math.abs(times(found.slice(0, upTo), "a") - (upTo * 3) / 4)).toBeLessThanOrEqual(1);
    }
  });

  it("of a quiet key wait beside a flood for one task of it at most", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, ...many("flood", 1_000));
    await served(queue, 50);
    for (let n = 0; n < 20; n += 1) {
      await enqueue(queue, ...many("quiet", 1));
      const found = await served(queue, 2);
      expect(found).toContain("quiet");
      await served(queue, n % 3);
    }
  });
});

describe("turns by claimed milliseconds", () => {
  it("give a key with long tasks fewer of them, and the same time", async () => {
    const queue = await shared();
    await enqueue(queue, ...many("long", 100), ...many("short", 1_000));
    const claimedMs = await worked(queue, 330, { long: 100, short: 10 });
    const [long = 0, short = 0] = [claimedMs.get("long"), claimedMs.get("short")];
    expect(Math.abs(long - short)).toBeLessThanOrEqual(200);
  });

  it("give a key of weight 3 three times the time", async () => {
    const queue = await shared();
    await enqueue(queue, ...many("a", 400), ...many("b", 400));
    await queue.operate("setKey", { key: "a", patch: { weight: 3 } });
    const claimedMs = await worked(queue, 200, { a: 10, b: 10 });
    expect(Math.abs((claimedMs.get("a") ?? 0) - 1_500)).toBeLessThanOrEqual(40);
  });

  it("begin for a new key at the present virtual time: it does not make up for the past", async () => {
    const queue = await shared();
    await enqueue(queue, ...many("old", 300));
    await worked(queue, 100, { old: 50 });
    await enqueue(queue, ...many("new", 300));
    const claimedMs = await worked(queue, 40, { old: 50, new: 50 });
    expect(Math.abs((claimedMs.get("new") ?? 0) - 1_000)).toBeLessThanOrEqual(100);
  });

  it("let a quiet key wait beside a flood of long tasks for no more than two of them", async () => {
    const queue = await shared();
    await enqueue(queue, ...many("flood", 1_000));
    await worked(queue, 50, { flood: 100 });
    for (let n = 0; n < 20; n += 1) {
      await enqueue(queue, ...many("quiet", 1));
      let before = 0;
      for (let isServed = false; !isServed; before += 1)
        isServed = (await worked(queue, 1, { flood: 100, quiet: 5 })).has("quiet");
      expect(before).toBeLessThanOrEqual(2);
    }
  });

  it.each([
    ["long", 100, 10],
    ["short", 10, 100],
  ])("give tasks without a key, which are %s, the time of one key", async (_name, plainMs, keyedMs) => {
    const queue = await shared();
    await enqueue(queue, ...Array.from({ length: 400 }, () => task("plain")), ...many("a", 400));
    const claimedMs = await worked(queue, 330, { plain: plainMs, a: keyedMs });
    const [plain = 0, a = 0] = [claimedMs.get("plain"), claimedMs.get("a")];
    expect(Math.abs(plain - a)).toBeLessThanOrEqual(200);
  });

  it("count the time of a claim that is nacked or runs out, up to its deadline", async () => {
    const queue = await shared();
    await configure(queue, { maxAttempts: 1_000, backoff: { minMs: 1, maxMs: 1, jitter: 0 } });
    await enqueue(queue, ...many("hung", 50), ...many("fine", 200));
    const claimedMs = new Map<unknown, number>();
    for (let n = 0; n < 120; n += 1) {
      const one = await claimOne(queue, { claimTimeoutMs: 100 });
      const [key] = payloads([one]);
      const ms = key === "hung" ? 100 : 10;
      queue.advance(ms);
      if (key === "fine") await ack(queue, one);
      else if (n % 2 === 0) await nack(queue, one, { delayMs: 1 });
      claimedMs.set(key, (claimedMs.get(key) ?? 0) + ms);
    }
    const [hung = 0, fine = 0] = [claimedMs.get("hung"), claimedMs.get("fine")];
    expect(Math.abs(hung - fine)).toBeLessThanOrEqual(300);
  });
});

describe("without turns", () => {
  it("the oldest goes first, also of keys that come back into line together", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { keys: { fairness: "none", concurrency: 1 } });
    for (const key of ["a", "b", "c"]) {
      await enqueue(queue, ...many(key, 2));
      queue.advance(10);
    }
    await enqueue(queue, ...many("d", 1));
    const [a, b, c] = await claim(queue, { max: 3, claimTimeoutMs: 60_000 });
    expect(await served(queue, 1)).toEqual(["d"]);
    for (const one of [c, b, a]) if (one !== undefined) await ack(queue, one);
    expect(await served(queue, 3)).toEqual(["a", "b", "c"]);
  });
});

describe("the rate of a whole queue", () => {
  it("is not used up by cheap tasks while a dear one of higher priority waits for it", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { rate: { limit: 10, periodMs: 1_000, burst: 10 } });
    await enqueue(queue, task("dear", { priority: 1, cost: 10 }));
    await enqueue(queue, ...Array.from({ length: 6 }, () => task("cheap")));
    const all = async (max: number): Promise<unknown[]> =>
      payloads(await claim(queue, { max, claimTimeoutMs: 60_000 }));
    expect(await all(1)).toEqual(["dear"]);
    await enqueue(queue, task("dear again", { priority: 1, cost: 10 }));
    queue.advance(999);
    expect(await all(3)).toEqual([]);
    expect(await queue.operate("claim", { max: 3, lanes: { inOrder: ["main"] } })).toMatchObject({
      nextAt: queue.now() + 1,
    });
    queue.advance(1);
    expect(await all(3)).toEqual(["dear again"]);
  });

  it("lets the alarm ring for those who wait without end, and a claim that waits be answered, when it allows more", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { rate: { limit: 1, periodMs: 1_000, burst: 1 }, retentionMs: null });
    const taken: ClaimedTask[] = [];
    queue.queue.join({
      holder: "socket",
      input: { max: 10, lanes: { inOrder: ["main"] }, claimTimeoutMs: 3_600_000 },
      room: () => 10 - taken.length,
      take: (tasks) => taken.push(...tasks),
      lapsed: () => {},
    });
    await enqueue(queue, task(1), task(2), task(3));
    for (const count of [1, 2, 3]) {
      expect(payloads(taken)).toHaveLength(count);
      if (count === 3) break;
      expect(queue.alarmAt).toBe(queue.now() + 1_000);
      queue.advance(1_000);
      await queue.sweep();
    }
  });
});
