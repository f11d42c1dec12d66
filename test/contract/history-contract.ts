// What a queue tells of its past and of its consumers: counts of what happened, by ten seconds and by minute, kept over restarts.

import { describe, expect, test } from "vitest";
import { TASK_EVENTS } from "../../src/core/task-event.ts";
import type { InputOf } from "../../src/core/operation.ts";
import type { HistoryView } from "../../src/core/queue-history.ts";
import { ack, claim, claimOne, configure, enqueue, expectKind, nack, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

async function history(queue: QueueDriver, input: Partial<InputOf<"getHistory">> = {}): Promise<HistoryView> {
  return expectKind(await queue.operate("getHistory", { stepMs: MINUTE_MS, ...input }), "history").history;
}

/** Those that are not 0. */
async function counted(
  queue: QueueDriver,
  input: Partial<InputOf<"getHistory">> = {},
): Promise<Record<string, number>> {
  const { events } = (await history(queue, input)).total;
  return Object.fromEntries(TASK_EVENTS.flatMap((event) => (events[event] === 0 ? [] : [[event, events[event]]])));
}

async function consumers(queue: QueueDriver) {
  return expectKind(await queue.operate("listConsumers", { limit: 100 }), "done").consumers;
}

/** The clock at the start of a minute, so that a test knows in which minute it is. */
async function openAtMinute(open: OpenQueue): Promise<QueueDriver> {
  const queue = await open();
  queue.advance(MINUTE_MS - (queue.now() % MINUTE_MS));
  await configure(queue, {});
  return queue;
}

const isNear = (found: number | undefined, ms: number): boolean => Math.abs((found ?? 0) - ms) <= ms / 4;

export function historyContract(open: OpenQueue): void {
  describe("history", () => {
    test("every kind of end is counted as what it is", async () => {
      const queue = await openAtMinute(open);
      await configure(queue, { maxAttempts: 2, backoff: { minMs: 0, maxMs: 0, jitter: 0 } });
      await enqueue(queue, task("done"), task("fails"), task("snoozes"), task("goes", { id: "goes" }));
      const [done, fails, snoozes] = await claim(queue, { max: 3 });
      if (done === undefined || fails === undefined || snoozes === undefined) throw new Error("expected three");
      await ack(queue, done);
      await nack(queue, fails);
      await nack(queue, snoozes, { delayMs: DAY_MS, snooze: true });
      await queue.operate("cancelTask", { id: "goes", force: false });
      await nack(queue, await claimOne(queue));
      await queue.operate("redrive", { limit: 10 });
      await claimOne(queue, { claimTimeoutMs: 10 });
      queue.advance(10);
      await queue.sweep();
      expect(await counted(queue)).toEqual({
        enqueued: 4,
        claimed: 5,
        acked: 1,
        failed: 1,
        snoozed: 1,
        cancelled: 1,
        died: 1,
        redriven: 1,
        expired: 1,
      });
    });

    test("points are minutes, or ten seconds; empty ones are left out", async () => {
      const queue = await openAtMinute(open);
      const startAt = queue.now();
      await enqueue(queue, task(1));
      queue.advance(20_000);
      await enqueue(queue, task(2), task(3));
      queue.advance(5 * MINUTE_MS);
      await enqueue(queue, task(4));
      const shown = async (stepMs: number) =>
        (await history(queue, { stepMs })).points.map(({ at, ms, events }) => [at - startAt, ms, events.enqueued]);
      expect(await shown(MINUTE_MS)).toEqual([
        [0, MINUTE_MS, 3],
        [5 * MINUTE_MS, MINUTE_MS, 1],
      ]);
      expect(await shown(10_000)).toEqual([
        [0, 10_000, 1],
        [20_000, 10_000, 2],
        [5 * MINUTE_MS + 20_000, 10_000, 1],
      ]);
      const hour = await history(queue, { stepMs: 60 * MINUTE_MS });
      expect(hour.points.reduce((sum, { events }) => sum + events.enqueued, 0)).toBe(4);
    });

    test("from and to bound what is answered", async () => {
      const queue = await openAtMinute(open);
      const startAt = queue.now();
      for (let minute = 0; minute < 3; minute += 1) {
        await enqueue(queue, task(minute));
        queue.advance(MINUTE_MS);
      }
      const from = startAt + MINUTE_MS;
      expect(await counted(queue, { from, to: from + MINUTE_MS })).toEqual({ enqueued: 1 });
      expect(await counted(queue, { from, to: from + 1 })).toEqual({ enqueued: 1 });
      expect(await counted(queue, { from, to: from + 2 * MINUTE_MS })).toEqual({ enqueued: 2 });
      expect(await counted(queue, { from: 0, to: startAt, stepMs: DAY_MS * 30 })).toEqual({});
    });

    test("what a queue did before it slept is reported by its next life", async () => {
      const queue = await openAtMinute(open);
      queue.advance(2 * MINUTE_MS);
      await enqueue(queue, task(1));
      await ack(queue, await claimOne(queue));
      await queue.restart();
      expect(await counted(queue)).toEqual({ enqueued: 1, claimed: 1, acked: 1 });
      queue.advance(10 * MINUTE_MS);
      await enqueue(queue, task(2));
      await queue.restart();
      expect(await counted(queue)).toEqual({ enqueued: 2, claimed: 1, acked: 1 });
      expect((await history(queue, { stepMs: 10_000 })).points.map(({ ms }) => ms)).toEqual([MINUTE_MS, MINUTE_MS]);
    });

    test("a busy queue loses less than the last minute to a crash", async () => {
      const queue = await openAtMinute(open);
      await enqueue(queue, task("held"));
      const held = await claimOne(queue, { claimTimeoutMs: 12 * 60 * MINUTE_MS });
      for (let second = 0; second < 150; second += 10) {
        await enqueue(queue, task(second));
        queue.advance(10_000);
      }
      await queue.restart();
      // Two minutes are written; the third was under way.
      expect(await counted(queue)).toEqual({ enqueued: 13, claimed: 1 });
      await ack(queue, held);
      expect((await history(queue)).total.runMs).toEqual({ p50: expect.any(Number), p95: expect.any(Number) });
    });

    test("minutes are kept for seven days, each in the place of the one a week before", async () => {
      const queue = await openAtMinute(open);
      await configure(queue, { retentionMs: null });
      queue.advance(MINUTE_MS);
      await enqueue(queue, task(1));
      const week = { from: queue.now(), stepMs: 10 * MINUTE_MS };
      queue.advance(7 * DAY_MS - MINUTE_MS);
      expect(await counted(queue, week)).toEqual({ enqueued: 1 });
      queue.advance(MINUTE_MS);
      expect(await counted(queue, { ...week, to: queue.now() })).toEqual({});
      await enqueue(queue, task(2), task(3));
      expect(await counted(queue, { from: queue.now() - DAY_MS, stepMs: 10 * MINUTE_MS })).toEqual({ enqueued: 2 });
    });

    test("waits and runs are answered by their quantiles, to within a quarter", async () => {
      const queue = await openAtMinute(open);
      await enqueue(queue, task(1), task(2, { delayMs: 5_000 }));
      queue.advance(1_000);
      const first = await claimOne(queue);
      queue.advance(6_000);
      const second = await claimOne(queue);
      queue.advance(200);
      await ack(queue, second);
      queue.advance(2_800);
      await ack(queue, first);
      const { waitMs, runMs } = (await history(queue)).total;
      expect([waitMs, runMs]).toSatisfy(() => isNear(waitMs?.p50, 1_000) && isNear(waitMs?.p95, 2_000));
      expect([waitMs, runMs]).toSatisfy(() => isNear(runMs?.p50, 200) && isNear(runMs?.p95, 9_000));
    });

    test("lanes are counted apart up to a number, the busiest of them", async () => {
      const queue = await openAtMinute(open);
      await enqueue(queue, task(0));
      for (let lane = 0; lane < 40; lane += 1) await enqueue(queue, task(lane, { lane: `l${lane}` }));
      await enqueue(queue, ...[1, 2, 3].map((number) => task(number, { lane: "l39", key: "k" })));
      const { lanes } = await history(queue);
      expect(lanes.length).toBeLessThanOrEqual(34);
      expect(lanes[0]).toMatchObject({ lane: "main", events: { enqueued: 1 } });
      expect(lanes.find(({ lane }) => lane === "l39")?.events.enqueued).toBe(4);
      expect(lanes.reduce((sum, { events }) => sum + events.enqueued, 0)).toBe(44);
    });

    test("more steps than an answer holds are refused, and say which would do", async () => {
      const queue = await openAtMinute(open);
      const from = queue.now() - DAY_MS;
      expect(await queue.operate("getHistory", { from, stepMs: 10_000 })).toMatchObject({
        kind: "invalid",
        field: "stepMs",
        allowed: expect.stringContaining("at least 60,000 ms"),
      });
      expect((await queue.operate("getHistory", { from, stepMs: MINUTE_MS })).kind).toBe("history");
      expect(await queue.operate("getHistory", { from: 5, to: 5, stepMs: MINUTE_MS })).toMatchObject({
        kind: "invalid",
        field: "from",
      });
    });

    test("a deleted queue's history goes with it", async () => {
      const queue = await openAtMinute(open);
      queue.advance(MINUTE_MS);
      await enqueue(queue, task(1));
      await queue.operate("deleteQueue", null);
      expect((await queue.operate("getHistory", { stepMs: MINUTE_MS })).kind).toBe("queue-not-found");
      await configure(queue, {});
      expect(await counted(queue)).toEqual({});
      await queue.restart();
      expect(await counted(queue)).toEqual({});
    });
  });

  describe("consumers", () => {
    test("who holds claims, who waits, and what became of theirs", async () => {
      const queue = await open();
      const startAt = queue.now();
      await enqueue(queue, task(1), task(2), task(3), task(4));
      const [done, failed] = await claim(queue, { max: 3, claimant: "a" });
      if (done === undefined || failed === undefined) throw new Error("expected tasks");
      await claimOne(queue);
      queue.advance(50);
      await ack(queue, done);
      await nack(queue, failed, { delayMs: 1_000 });
      expect(await consumers(queue)).toEqual([
        {
          claimant: "a",
          sinceAt: startAt,
          lastSeenAt: startAt + 50,
          claims: 1,
          waiting: 0,
          acked: 1,
          failed: 1,
          ackedPerMinute: 1,
          failedPerMinute: 1,
        },
        {
          claimant: null,
          sinceAt: startAt,
          lastSeenAt: startAt,
          claims: 1,
          waiting: 0,
          acked: 0,
          failed: 0,
          ackedPerMinute: 0,
          failedPerMinute: 0,
        },
      ]);
    });

    test("what a consumer did counts for its last minute, and stays in what it did at all", async () => {
      const queue = await open();
      // From the beginning of ten seconds on.
      queue.advance(10_000 - (queue.now() % 10_000));
      await enqueue(queue, task(1), task(2), task(3));
      const lately = async (): Promise<readonly (number | undefined)[]> => {
        const [{ acked, ackedPerMinute, failedPerMinute } = {}] = await consumers(queue);
        return [acked, ackedPerMinute, failedPerMinute];
      };
      const work = { claimant: "a", claimTimeoutMs: 600_000 };
      await ack(queue, await claimOne(queue, work));
      queue.advance(59_999);
      await ack(queue, await claimOne(queue, work));
      expect(await lately()).toEqual([2, 2, 0]);
      queue.advance(1);
      expect(await lately()).toEqual([2, 1, 0]);
      await nack(queue, await claimOne(queue, work), { delayMs: 1_000 });
      queue.advance(49_999);
      expect(await lately()).toEqual([2, 1, 1]);
      queue.advance(10_001);
      expect(await lately()).toEqual([2, 0, 0]);
    });

    test("after a restart claims tell who holds them, and since when", async () => {
      const queue = await open();
      const startAt = queue.now();
      await enqueue(queue, task(1));
      await claimOne(queue, { claimant: "a" });
      queue.advance(50);
      await queue.restart();
      expect(await consumers(queue)).toMatchObject([{ claimant: "a", sinceAt: startAt, claims: 1 }]);
    });

    test("a claim that waits shows while it does, and takes no place of one that holds", async () => {
      const queue = await open();
      await configure(queue, {});
      const waiting = queue.operate("claim", {
        max: 1,
        lanes: { inOrder: ["main"] },
        waitMs: 20_000,
        claimant: "waiter",
      });
      expect(await consumers(queue)).toMatchObject([{ claimant: "waiter", sinceAt: null, claims: 0, waiting: 1 }]);
      await enqueue(queue, task(1));
      await waiting;
      expect(await consumers(queue)).toMatchObject([{ claimant: "waiter", claims: 1, waiting: 0 }]);
    });

    test("the list is bounded, and says that there are more", async () => {
      const queue = await open();
      for (const claimant of ["a", "b", "c"]) {
        await enqueue(queue, task(claimant));
        await claimOne(queue, { claimant });
      }
      const page = expectKind(await queue.operate("listConsumers", { limit: 2 }), "done");
      expect([page.consumers.length, page.more]).toEqual([2, true]);
    });
  });
}
