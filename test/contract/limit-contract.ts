// What an owner lets a queue take from all of its callers together, at the instants and counts at which it ends.

import { describe, expect, test } from "vitest";
import type { QueueLimits } from "../../src/core/settings.ts";
import { ack, claim, claimOne, configure, counts, enqueue, extend, payloads, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

/** A queue whose owner has set these limits: setting them has used up nothing. */
async function limited(open: OpenQueue, limits: Partial<QueueLimits>): Promise<QueueDriver> {
  const queue = await open();
  await configure(queue, { limits });
  // What setting them has written is paid.
  queue.advance(60_000);
  return queue;
}

function sent(queue: QueueDriver, count = 1) {
  return queue.operate("enqueue", { tasks: Array.from({ length: count }, () => task(1)) });
}

export function limitContract(open: OpenQueue): void {
  describe("requests a second of a queue", () => {
    test("a second's worth comes at once, and the next at its millisecond", async () => {
      const queue = await limited(open, { requestsPerSecond: 4 });
      for (let n = 0; n < 4; n += 1) expect(await sent(queue)).toMatchObject({ kind: "enqueued" });
      const refused = { kind: "rate-limited", what: "requests a second", limit: 4, retryAfterMs: 250 };
      expect(await sent(queue)).toEqual(refused);
      queue.advance(249);
      expect(await sent(queue)).toEqual({ ...refused, retryAfterMs: 1 });
      queue.advance(1);
      expect(await sent(queue)).toMatchObject({ kind: "enqueued" });
      queue.advance(1_000);
      expect(await counts(queue)).toEqual([5, 0, 0, 0]);
    });

    test("looking counts too; what settles is counted, and never refused", async () => {
      const queue = await limited(open, { requestsPerSecond: 3 });
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      expect(await queue.operate("getQueue", null)).toMatchObject({ kind: "queue" });
      expect(await queue.operate("getQueue", null)).toMatchObject({ kind: "rate-limited" });
      await extend(queue, 60_000, held);
      expect(await ack(queue, held)).toEqual(["ok"]);
      // Two are owed beside the next.
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 1_000 });
      queue.advance(999);
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 1 });
      queue.advance(1);
      expect(await sent(queue)).toMatchObject({ kind: "enqueued" });
    });

    test("settling without end costs others ten seconds and no more", async () => {
      const queue = await limited(open, { requestsPerSecond: 1 });
      for (let n = 0; n < 40; n += 1) await queue.operate("ack", { claims: [] });
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 11_000 });
    });

    test("a limit that is lifted, raised or set again by the owner holds at once", async () => {
      const queue = await limited(open, { requestsPerSecond: 1 });
      await sent(queue);
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited" });
      await configure(queue, { limits: { requestsPerSecond: null } });
      for (let n = 0; n < 9; n += 1) await sent(queue);
      await configure(queue, { limits: { requestsPerSecond: 2 } });
      expect([(await sent(queue)).kind, (await sent(queue)).kind, (await sent(queue)).kind]).toEqual([
        "enqueued",
        "enqueued",
        "rate-limited",
      ]);
      queue.advance(10_000);
      expect(await counts(queue)).toEqual([12, 0, 0, 0]);
    });

    test("another setting that changes gives nothing back", async () => {
      const queue = await limited(open, { requestsPerSecond: 2 });
      await sent(queue);
      await configure(queue, { maxAttempts: 7 });
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited" });
    });

    test("they hold after a restart, from a full second on", async () => {
      const queue = await limited(open, { requestsPerSecond: 2 });
      await sent(queue);
      await sent(queue);
      await queue.restart();
      expect([(await sent(queue)).kind, (await sent(queue)).kind, (await sent(queue)).kind]).toEqual([
        "enqueued",
        "enqueued",
        "rate-limited",
      ]);
    });
  });

  describe("tasks a second of a queue", () => {
    test("are counted over enqueues and inserts; a batch that is refused writes nothing and uses up nothing", async () => {
      const queue = await limited(open, { tasksPerSecond: 5 });
      expect(await sent(queue, 3)).toMatchObject({ kind: "enqueued" });
      expect(await sent(queue, 3)).toMatchObject({ kind: "rate-limited", what: "tasks a second", retryAfterMs: 200 });
      expect(await sent(queue, 2)).toMatchObject({ kind: "enqueued" });
      expect(await claim(queue, { max: 10 })).toHaveLength(5);
      expect(await counts(queue)).toEqual([0, 0, 5, 0]);
    });

    test("a batch of more than a second's worth is taken when a full second's worth is there, and owes the rest", async () => {
      const queue = await limited(open, { tasksPerSecond: 2 });
      await sent(queue, 1);
      expect(await sent(queue, 5)).toMatchObject({ kind: "rate-limited", retryAfterMs: 500 });
      queue.advance(500);
      expect(await sent(queue, 5)).toMatchObject({ kind: "enqueued" });
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 2_000 });
    });

    test("what one limit refuses uses up nothing of another", async () => {
      const queue = await limited(open, { requestsPerSecond: 2, tasksPerSecond: 1 });
      await sent(queue);
      for (let n = 0; n < 5; n += 1) expect(await sent(queue)).toMatchObject({ what: "tasks a second" });
      expect(await claim(queue)).toHaveLength(1);
    });
  });

  describe("rows a second of a queue", () => {
    test("that were written beyond the limit are owed; what looks and what settles goes on", async () => {
      const queue = await limited(open, { rowsPerSecond: 1 });
      // Ids have indexes, and so more rows than one each.
      await enqueue(queue, task("a", { id: "a" }), task("b", { id: "b" }));
      const refused = await queue.operate("claim", { max: 2, lanes: { inOrder: ["main"] } });
      expect(refused).toMatchObject({ kind: "rate-limited", what: "rows written a second", limit: 1 });
      expect(await counts(queue)).toEqual([2, 0, 0, 0]);
      const { retryAfterMs = 0 } = refused as { readonly retryAfterMs?: number };
      expect(retryAfterMs).toBeGreaterThan(1_000);
      queue.advance(retryAfterMs - 1);
      expect(await sent(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 1 });
      queue.advance(1);
      const held = await claim(queue, { max: 2 });
      expect(payloads(held)).toEqual(["a", "b"]);
      expect(await ack(queue, ...held)).toEqual(["ok", "ok"]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });
  });

  describe("claims that wait in a queue", () => {
    test("are as many as its owner says; one more is refused, and one that ends makes room", async () => {
      const queue = await limited(open, { parkedClaims: 2 });
      const wait = (ticket: string) =>
        queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 20_000, ticket });
      const waiting = [wait("one"), wait("two")];
      expect(await wait("three")).toEqual({ kind: "rate-limited", what: "claims that wait at one time", limit: 2 });
      // One that need not wait is no claim that waits.
      await enqueue(queue, task(1), task(2), task(3));
      expect(await Promise.all(waiting)).toMatchObject([{ tasks: [{}] }, { tasks: [{}] }]);
      expect(await wait("four")).toMatchObject({ kind: "claimed", tasks: [{}] });
      const next = wait("five");
      await enqueue(queue, task(4));
      expect(await next).toMatchObject({ kind: "claimed", tasks: [{}] });
    });
  });
}
