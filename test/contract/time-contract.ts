// Delays, claim timeouts, retries, death, TTL and retention: to the millisecond, with and without an alarm (P7, P8, P13).

import { describe, expect, test } from "vitest";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  extend,
  get,
  nack,
  payloads,
  stats,
  task,
} from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const RELEASED = { release: true } as const;

/** Claims the task "looped" as soon as it may, and gives it back. @returns how long it rested each time, ms */
async function rests(queue: QueueDriver, times: number, how: Parameters<typeof nack>[2] = RELEASED): Promise<number[]> {
  const waited: number[] = [];
  for (let n = 0; n < times; n += 1) {
    await nack(queue, await claimOne(queue), how);
    const releasedAt = queue.now();
    const { visibleAt } = await get(queue, "looped");
    queue.advance(Math.max(0, visibleAt - releasedAt - 1));
    const tooEarly = visibleAt > releasedAt ? await claim(queue) : [];
    waited.push(visibleAt - releasedAt + tooEarly.length);
    queue.advance(visibleAt - queue.now());
  }
  return waited;
}

export function timeContract(open: OpenQueue): void {
  describe("a task that is released over and over", () => {
    test("is offered at once sixteen times, then ever later, up to a second; no attempt is counted", async () => {
      const queue = await open();
      await enqueue(queue, task(1, { id: "looped" }));
      const free = Array.from({ length: 16 }, () => 0);
      expect(await rests(queue, 28)).toEqual([...free, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 1_000]);
      expect(await claimOne(queue)).toMatchObject({ attempts: 1 });
    });

    test("does not rest longer for attempts that were counted, and 0 is there for who asks for it", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: null });
      await enqueue(queue, task(1, { id: "looped" }));
      for (let n = 0; n < 30; n += 1) await nack(queue, await claimOne(queue), { delayMs: 0 });
      expect(await rests(queue, 2)).toEqual([0, 0]);
      for (let n = 0; n < 30; n += 1) await nack(queue, await claimOne(queue), { snooze: true, delayMs: 0 });
      expect((await get(queue, "looped")).visibleAt).toBe(queue.now());
    });
  });

  describe("a task that is given back without end", () => {
    const ever = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_000, 1_000];

    test.each([
      ["fails without a delay", { delayMs: 0 }],
      ["fails, with a backoff of nothing", {}],
      ["is snoozed for nothing", { snooze: true }],
    ])("and %s is offered at once a hundred times, then ever later, up to a second", async (_how, how) => {
      const queue = await open();
      await configure(queue, { maxAttempts: null, backoff: { minMs: 0 } });
      await enqueue(queue, task(1, { id: "looped" }));
      expect(new Set(await rests(queue, 100, how))).toEqual(new Set([0]));
      expect(await rests(queue, 12, how)).toEqual(ever);
    });

    test("since each claim runs out at once rests as long after its deadline", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: null });
      await enqueue(queue, task(1, { id: "looped" }));
      const waited: number[] = [];
      for (let n = 0; n < 112; n += 1) {
        const { claimedUntil } = await claimOne(queue, { claimTimeoutMs: 1 });
        queue.advance(1);
        // It ends the claim, and takes nothing.
        await claim(queue, { lanes: { any: ["other"] } });
        const { visibleAt } = await get(queue, "looped");
        waited.push(visibleAt - claimedUntil);
        queue.advance(visibleAt - queue.now());
      }
      expect(new Set(waited.slice(0, 100))).toEqual(new Set([0]));
      expect(waited.slice(100)).toEqual(ever);
    });

    test("and asks for a delay of its own gets that", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: null });
      await enqueue(queue, task(1, { id: "looped" }));
      await rests(queue, 130, { delayMs: 0 });
      expect(await rests(queue, 2, { delayMs: 1_500 })).toEqual([1_500, 1_500]);
    });

    test("is named by the queue's statistics for a minute, and says so itself while it rests", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: null });
      await enqueue(queue, task(1, { id: "looped" }));
      await rests(queue, 100, { delayMs: 0 });
      expect(await stats(queue)).toMatchObject({ slowedTask: null });
      await rests(queue, 9, { delayMs: 0 });
      await nack(queue, await claimOne(queue), { delayMs: 0 });
      const until = queue.now() + 512;
      expect(await get(queue, "looped")).toMatchObject({ limited: { by: "returns", of: "task", until } });
      expect(await stats(queue)).toMatchObject({ slowedTask: "looped" });
      queue.advance(512);
      expect(await get(queue, "looped")).not.toHaveProperty("limited");
      queue.advance(60_000 - 512);
      expect(await stats(queue)).toMatchObject({ slowedTask: null });
    });
  });

  describe("delay", () => {
    test("a delayed task is not visible before its instant, and visible at it", async () => {
      const queue = await open();
      const [written] = await enqueue(queue, task("later", { delayMs: 1_000 }));
      expect(written?.visibleAt).toBe(queue.now() + 1_000);
      queue.advance(999);
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      expect(payloads(await claim(queue))).toEqual(["later"]);
    });

    test("tasks come in the order in which they became visible, delayed or not (P11)", async () => {
      const queue = await open();
      const start = queue.now();
      await enqueue(
        queue,
        task("c", { visibleAt: start + 30 }),
        task("a", { delayMs: 10 }),
        task("z", { delayMs: 60_000 }),
      );
      queue.advance(20);
      await enqueue(queue, task("b"));
      queue.advance(20);
      await enqueue(queue, task("d"));
      expect(payloads(await claim(queue, { max: 10 }))).toEqual(["a", "b", "c", "d"]);
    });

    test("a batch for one instant is claimed piece by piece, in order, over a restart", async () => {
      const queue = await open();
      const numbers = Array.from({ length: 30 }, (_, index) => index);
      const visibleAt = queue.now() + 100;
      await enqueue(queue, ...numbers.map((number) => task(number, { visibleAt })));
      queue.advance(100);
      const held = [...(await claim(queue, { max: 7 })), ...(await claim(queue, { max: 7 }))];
      await queue.restart();
      // One comes back to the very instant that the cursor stands at.
      const [first] = held;
      if (first === undefined) throw new Error("a task expected");
      await nack(queue, first, { release: true });
      const rest = [...(await claim(queue, { max: 7 })), ...(await claim(queue, { max: 100 }))];
      expect(payloads([...held, ...rest])).toEqual(expect.arrayContaining(numbers));
      expect(rest).toHaveLength(17);
    });

    test("an instant in the past is now", async () => {
      const queue = await open();
      await enqueue(queue, task("now", { visibleAt: 0 }));
      expect(payloads(await claim(queue))).toEqual(["now"]);
    });

    test("a delayed task that becomes visible after later claims is not passed over", async () => {
      const queue = await open();
      await enqueue(queue, task("slow", { delayMs: 100 }), task("fast", { delayMs: 10 }));
      queue.advance(10);
      expect(payloads(await claim(queue, { max: 5 }))).toEqual(["fast"]);
      await enqueue(queue, task("middle", { delayMs: 20 }));
      queue.advance(90);
      expect(payloads(await claim(queue, { max: 5 }))).toEqual(["middle", "slow"]);
    });
  });

  describe("claim timeout", () => {
    test("of two claims of one task in one ack, the one that has ended is lost, unless it comes after the other (P4)", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2));
      const ended = [
        await claimOne(queue, { claimTimeoutMs: 100 }),
        await claimOne(queue, { claimTimeoutMs: 100 }),
      ] as const;
      queue.advance(100);
      const held = [await claimOne(queue), await claimOne(queue)] as const;
      expect(held.map(({ id }) => id)).toEqual(ended.map(({ id }) => id));
      const results = await ack(queue, ended[0], held[0], held[1], ended[1]);
      expect(results).toEqual(["claim-lost", "ok", "ok", "task-not-found"]);
    });

    test("a claim holds to its last millisecond and is lost at its deadline (P3, P4)", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const first = await claimOne(queue, { claimTimeoutMs: 100 });
      expect(first.claimedUntil).toBe(queue.now() + 100);
      queue.advance(99);
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      expect(await ack(queue, first)).toEqual(["claim-lost"]);
      const second = await claimOne(queue);
      expect(second).toMatchObject({ id: first.id, attempts: 2, error: "claim expired" });
      expect(second.version).toBeGreaterThan(first.version);
      expect(await ack(queue, first)).toEqual(["claim-lost"]);
      expect(await nack(queue, first)).toBe("claim-lost");
      expect(await extend(queue, 1_000, first)).toEqual([{ ok: false, code: "claim-lost" }]);
      expect(await ack(queue, second)).toEqual(["ok"]);
      expect(await ack(queue, first)).toEqual(["task-not-found"]);
    });

    test("the queue's own timeout applies when the claim names none", async () => {
      const queue = await open();
      await configure(queue, { claimTimeoutMs: 50 });
      await enqueue(queue, task(1));
      expect((await claimOne(queue)).claimedUntil).toBe(queue.now() + 50);
    });

    test("a claim that was made long after its task ends in its time, though the clock was set back by a day since", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      queue.advance(7_200_000);
      await claimOne(queue, { claimTimeoutMs: 9_000 });
      queue.advance(-86_400_000);
      await queue.restart();
      expect(await claim(queue)).toEqual([]);
      queue.advance(10_000);
      expect(await claimOne(queue)).toMatchObject({ attempts: 2 });
    });

    test("an extended claim holds to its new deadline, and only that one of its call (P3)", async () => {
      const queue = await open();
      await enqueue(queue, task("kept"), task("left"));
      const [kept, left] = await claim(queue, { max: 2, claimTimeoutMs: 100 });
      if (kept === undefined || left === undefined) throw new Error("two tasks expected");
      queue.advance(99);
      expect(await extend(queue, 1_000, kept)).toEqual([{ ok: true, claimedUntil: queue.now() + 1_000 }]);
      queue.advance(1);
      expect(payloads(await claim(queue, { max: 5 }))).toEqual(["left"]);
      await queue.restart();
      queue.advance(998);
      expect(payloads(await browseAll(queue, "claimed"))).toContain("kept");
      expect(await ack(queue, kept)).toEqual(["ok"]);
      expect(await ack(queue, left)).toEqual(["claim-lost"]);
    });

    test("an extension may shorten; the task comes back at the earlier deadline", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue, { claimTimeoutMs: 10_000 });
      await extend(queue, 10, held);
      await queue.restart();
      queue.advance(10);
      expect(payloads(await claim(queue))).toEqual([1]);
    });

    test("claims outlive a restart, whole (P3, P4, P5)", async () => {
      const queue = await open();
      await enqueue(queue, ...Array.from({ length: 10 }, (_, index) => task(index)));
      const some = await claim(queue, { max: 4, claimTimeoutMs: 100 });
      const more = await claim(queue, { max: 3, claimTimeoutMs: 200 });
      await ack(queue, ...some.slice(0, 2));
      await queue.restart();
      expect(payloads(await claim(queue, { max: 10, claimTimeoutMs: 1_000 }))).toEqual([7, 8, 9]);
      expect(await ack(queue, ...some.slice(0, 3))).toEqual(["task-not-found", "task-not-found", "ok"]);
      queue.advance(100);
      await queue.restart();
      expect(await ack(queue, ...some.slice(3))).toEqual(["claim-lost"]);
      expect(await ack(queue, ...more)).toEqual(["ok", "ok", "ok"]);
      expect(payloads(await claim(queue, { max: 10 }))).toEqual([3]);
    });

    test("a new task never comes under the claim of a finished one, also when the clock stands still over a restart", async () => {
      const queue = await open();
      await enqueue(queue, task("done", { priority: 1 }));
      await ack(queue, await claimOne(queue));
      await queue.restart();
      await enqueue(queue, task("new", { priority: 1 }));
      await queue.restart();
      expect(await claimOne(queue)).toMatchObject({ payload: '"new"', attempts: 1, version: 2 });
    });

    test("a slot that is used again does not revive the tokens of its former claim (P4)", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2));
      const first = await claimOne(queue);
      await ack(queue, first);
      const second = await claimOne(queue);
      expect(await ack(queue, { ...second, claim: first.claim })).toEqual(["task-not-found"]);
      await queue.restart();
      expect(await ack(queue, second)).toEqual(["ok"]);
    });
  });

  describe("failure", () => {
    test("a nacked task is visible again after its delay, with the error and the attempt counted", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      expect(await nack(queue, held, { delayMs: 50, error: "no stock" })).toBe("ok");
      expect(await nack(queue, held)).toBe("claim-lost");
      expect(await get(queue, held.id)).toMatchObject({ state: "delayed", attempts: 1, error: "no stock" });
      queue.advance(49);
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      expect(await claimOne(queue)).toMatchObject({ attempts: 2, error: "no stock" });
    });

    test("without a delay the queue's backoff applies, growing to its bound", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: null, backoff: { minMs: 100, maxMs: 350, factor: 2, jitter: 0 } });
      await enqueue(queue, task(1));
      for (const delayMs of [100, 200, 350, 350]) {
        await nack(queue, await claimOne(queue));
        queue.advance(delayMs - 1);
        expect(await claim(queue)).toEqual([]);
        queue.advance(1);
      }
      expect(await claimOne(queue)).toMatchObject({ attempts: 5 });
    });

    test("a task given back is as if it had not been claimed, but for its version", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 1 });
      await enqueue(queue, task(1));
      for (let round = 0; round < 3; round += 1) {
        const held = await claimOne(queue);
        expect(held.attempts).toBe(1);
        expect(await nack(queue, held, { release: true })).toBe("ok");
        expect(await ack(queue, held)).toEqual(["claim-lost"]);
      }
      expect(await counts(queue)).toEqual([1, 0, 0, 0]);
    });

    test("a snoozed task is offered after its delay, to the millisecond, with no attempt counted (P7, P8)", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 2 });
      await enqueue(queue, task(1));
      await nack(queue, await claimOne(queue), { delayMs: 0, error: "disk full" });
      for (let round = 0; round < 3; round += 1) {
        const held = await claimOne(queue);
        expect(held).toMatchObject({ attempts: 2, error: "disk full" });
        expect(await nack(queue, held, { snooze: true, delayMs: 50 })).toBe("ok");
        expect(await ack(queue, held)).toEqual(["claim-lost"]);
        expect(await counts(queue)).toEqual([0, 1, 0, 0]);
        queue.advance(49);
        await queue.restart();
        expect(await claim(queue)).toEqual([]);
        queue.advance(1);
      }
      expect(await claimOne(queue)).toMatchObject({ attempts: 2, error: "disk full" });
    });

    test("a task is dead when its last allowed attempt fails, never earlier or later (P8)", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 3, backoff: { minMs: 0 } });
      await enqueue(queue, task("by queue"));
      await enqueue(queue, task("by task", { maxAttempts: 1 }));
      const [first, second] = await claim(queue, { max: 2 });
      if (first === undefined || second === undefined) throw new Error("two tasks expected");
      await nack(queue, first, { error: "one" });
      await nack(queue, second, { error: "only" });
      expect(payloads(await browseAll(queue, "dead"))).toEqual(["by task"]);
      await claimOne(queue, { claimTimeoutMs: 10 });
      queue.advance(10);
      await queue.restart();
      const last = await claimOne(queue);
      expect(last.attempts).toBe(3);
      await nack(queue, last, { error: "three" });
      expect(await claim(queue)).toEqual([]);
      const dead = await get(queue, first.id);
      expect(dead).toMatchObject({ state: "dead", attempts: 3, error: "three", diedAt: queue.now() });
    });

    test("the last attempt's expiry is a death too, whoever notices it (P8, P13)", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 1 });
      await enqueue(queue, task(1), task(2));
      await claim(queue, { max: 1, claimTimeoutMs: 10 });
      await claim(queue, { max: 1, claimTimeoutMs: 20 });
      queue.advance(10);
      expect(await claim(queue)).toEqual([]);
      queue.advance(10);
      await queue.sweep();
      expect(payloads(await browseAll(queue, "dead"))).toEqual([1, 2]);
    });

    test("a task can be declared dead before its last attempt", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      await nack(queue, await claimOne(queue), { dead: true, error: "poison" });
      expect(await browseAll(queue, "dead")).toMatchObject([{ attempts: 1, error: "poison" }]);
    });

    test("redriven tasks begin again, all, some, or by name", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 1 });
      await enqueue(queue, task(1), task(2, { id: "two" }), task(3, { priority: 3 }), task(4));
      for (const held of await claim(queue, { max: 4 })) await nack(queue, held, { error: "x" });
      expect(await counts(queue)).toEqual([0, 0, 0, 4]);
      expect(await queue.operate("redrive", { ids: ["two", "nobody"], limit: 10 })).toMatchObject({
        tasks: 1,
        notFound: ["nobody"],
      });
      const second = await claimOne(queue);
      expect(second).toMatchObject({ id: "two", attempts: 1 });
      expect(await queue.operate("redrive", { limit: 2 })).toMatchObject({
        tasks: 2,
        after: { upTo: expect.any(Number) as number },
      });
      expect(await queue.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 1, after: null });
      expect(payloads(await claim(queue, { max: 9 }))).toEqual([3, 1, 4]);
    });

    test("a task is redriven, though it died later than the clock says that has been set back since", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      queue.advance(120_000);
      await nack(queue, await claimOne(queue), { dead: true });
      queue.advance(-60_000);
      await queue.restart();
      expect(await queue.operate("redrive", { limit: 10 })).toMatchObject({ tasks: 1, after: null });
      expect(payloads([await claimOne(queue)])).toEqual([1]);
    });
  });

  describe("the end of waiting", () => {
    test("a task past its TTL is not offered, and its row goes", async () => {
      const queue = await open();
      await enqueue(
        queue,
        task("short", { ttlMs: 100 }),
        task("long"),
        task("never seen", { ttlMs: 50, delayMs: 200 }),
      );
      queue.advance(99);
      expect(payloads(await browseAll(queue, "ready"))).toEqual(["short", "long"]);
      queue.advance(1);
      expect(payloads(await claim(queue, { max: 5 }))).toEqual(["long"]);
      queue.advance(100_000);
      await queue.sweep();
      expect(await browseAll(queue, "delayed")).toEqual([]);
    });

    test("a task claimed before its TTL ended may still be acked", async () => {
      const queue = await open();
      await enqueue(queue, task(1, { ttlMs: 100 }));
      const held = await claimOne(queue);
      queue.advance(20_000);
      await queue.sweep();
      expect(await ack(queue, held)).toEqual(["ok"]);
    });

    test("retention counts from the instant a task became visible, and drops what nobody finished", async () => {
      const queue = await open();
      await configure(queue, { retentionMs: 100_000, maxAttempts: 1 });
      await enqueue(
        queue,
        task("plain"),
        task("delayed", { delayMs: 150_000 }),
        task("dead"),
        task("remembered", { id: "r" }),
      );
      const [, dying] = await claim(queue, { max: 2, claimTimeoutMs: 1_000 });
      if (dying === undefined) throw new Error("two tasks expected");
      await nack(queue, dying);
      queue.advance(99_999);
      await queue.sweep();
      expect((await counts(queue))[3]).toBe(2);
      queue.advance(1);
      expect(await claim(queue, { max: 5 })).toEqual([]);
      queue.advance(60_000);
      await queue.sweep();
      expect(await counts(queue)).toEqual([1, 0, 0, 1]);
      queue.advance(90_000);
      expect(await claim(queue)).toEqual([]);
      queue.advance(60_000);
      await queue.sweep();
      expect(await browseAll(queue)).toEqual([]);
    });

    test("an alarm that comes twice, early or late changes nothing that matters (P13)", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2, { delayMs: 100 }));
      const held = await claimOne(queue, { claimTimeoutMs: 50 });
      await queue.sweep();
      await queue.sweep();
      expect(await counts(queue)).toEqual([0, 1, 1, 0]);
      queue.advance(1_000_000);
      expect(payloads(await claim(queue, { max: 5 }))).toEqual([1, 2]);
      await queue.sweep();
      expect(await ack(queue, held)).toEqual(["claim-lost"]);
    });
  });
}
