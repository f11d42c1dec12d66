// What it costs to serve those who wait, counted in statements and in moves of the heaps that they stand in.

import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { DeadlineHeap } from "../../../src/queue/claims/deadline-heap.ts";
import type { Queue } from "../../../src/queue/queue.ts";
import { Levels } from "../../../src/queue/ready/levels.ts";
import { claimOne, configure, enqueue, expectKind, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const LINES = 5_000;

describe("5,000 claims that wait in as many lanes", () => {
  it("cost a turn no more than the one that is served", async () => {
    const set = vi.spyOn(DeadlineHeap.prototype, "set");
    const queue = new MemoryQueue();
    await enqueue(queue, task("first"));
    await claimOne(queue, { claimTimeoutMs: 600_000 });
    const waiting = Array.from({ length: LINES }, (_, n) =>
      queue.operate("claim", { max: 1, lanes: { inOrder: [`lane-${n}`] }, waitMs: 20_000 }),
    );
    await queue.operate("ack", { claims: [] });
    const heaps = new Set(set.mock.contexts as DeadlineHeap<unknown>[]);
    set.mockRestore();
    const moves = (): number => [...heaps].reduce((sum, heap) => sum + heap.moves, 0);

    const all = vi.spyOn(queue.sql, "all");
    await queue.operate("ack", { claims: [] });
    expect(all).not.toHaveBeenCalled();
    const before = moves();
    for (let n = LINES - 1; n >= 0; n -= 1) {
      await enqueue(queue, task(n, { lane: `lane-${n}` }));
      const outcome = await waiting[n];
      expect(outcome).toMatchObject({ kind: "claimed", tasks: [{ payload: String(n) }] });
    }
    // A few statements each, and about log(5,000) moves in each of three heaps.
    expect(all.mock.calls.length).toBeLessThanOrEqual(LINES * 10);
    expect(moves() - before).toBeLessThanOrEqual(LINES * 3 * 13);
  });

  it("are served in the order in which they came when one task fits several", async () => {
    const queue = new MemoryQueue();
    await configure(queue, {});
    const order: string[] = [];
    const wait = (name: string, lanes: string[]): Promise<void> =>
      queue
        .operate("claim", { max: 1, lanes: { any: lanes }, waitMs: 20_000 })
        .then((outcome) => void order.push(`${name}:${payloads(expectKind(outcome, "claimed").tasks).join()}`));
    const all = [wait("first", ["b", "a"]), wait("second", ["b"]), wait("third", ["a"]), wait("fourth", ["b", "c"])];
    await enqueue(
      queue,
      task(1, { lane: "b" }),
      task(2, { lane: "b" }),
      task(3, { lane: "a" }),
      task(4, { lane: "c" }),
    );
    await Promise.all(all);
    expect(order).toEqual(["first:1", "second:2", "third:3", "fourth:4"]);
  });

  it("outwait a pause under credit, and are served when it ends", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, task("x", { lane: "a" }));
    await configure(queue, { paused: true });
    const taken: unknown[] = [];
    queue.queue.join({
      holder: "socket",
      input: { max: 1, lanes: { inOrder: ["a"] } },
      room: () => 1 - taken.length,
      take: (tasks) => void taken.push(...payloads([...tasks])),
      lapsed: () => {},
    });
    await queue.operate("ack", { claims: [] });
    expect(taken).toEqual([]);
    await configure(queue, { paused: false });
    expect(taken).toEqual(["x"]);
  });
});

describe("a push under credit", () => {
  it("gives a task once a turn although claims of its queue last no time", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { claimTimeoutMs: 0, maxAttempts: null });
    await enqueue(queue, task("x"));
    const attempts: number[] = [];
    queue.queue.join({
      holder: "socket",
      input: { max: 10, lanes: { inOrder: ["main"] } },
      room: () => 10,
      take: (tasks) => void attempts.push(...tasks.map((pushed) => pushed.attempts)),
      lapsed: () => {},
    });
    await queue.operate("ack", { claims: [] });
    expect(attempts).toEqual([1]);
    queue.advance(999);
    await queue.operate("ack", { claims: [] });
    expect(attempts).toEqual([1]);
    queue.advance(1);
    await queue.operate("ack", { claims: [] });
    expect(attempts).toEqual([1, 2]);
  });
});

describe("a consumer", () => {
  it("that changes what it waits for a thousand times in a turn takes its place once", async () => {
    const queue = new MemoryQueue();
    const lanes = Array.from({ length: LIMITS.claimLanes }, (_, index) => `lane-${index}`);
    await enqueue(queue, ...lanes.map((lane) => task("later", { lane, delayMs: 1_000 })));
    const taken: unknown[] = [];
    const consumer = (waited: string[]): Parameters<Queue["join"]>[0] => ({
      holder: "socket",
      input: { max: 100, lanes: { inOrder: waited } },
      room: () => 100,
      take: (tasks) => void taken.push(...tasks.map(({ lane }) => lane)),
      lapsed: () => {},
    });
    const looks = vi.spyOn(Levels.prototype, "sourcesOf");
    const joins = Array.from({ length: 1_000 }, (_, nth) =>
      queue.queue.run("credit", () => queue.queue.join(consumer(nth % 2 === 0 ? lanes : ["lane-1", "lane-2"]))),
    );
    await Promise.all(joins);
    expect(looks.mock.calls.length).toBeLessThan(4 * LIMITS.claimLanes);
    looks.mockRestore();
    queue.advance(1_000);
    await queue.sweep();
    expect(taken).toEqual(["lane-1", "lane-2"]);
  });
});
