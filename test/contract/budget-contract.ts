// A budget: what is refused when it has been used up, what never is, and when the queue goes on.

import { describe, expect, test } from "vitest";
import type { Budget, BudgetReached } from "../../src/core/settings.ts";
import type { OutcomeOf } from "../../src/core/operation.ts";
import { ack, claimOne, configure, enqueue, expectKind, nack, ref, stats, task } from "./builders.ts";
import { modifyInput } from "./modify-builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LANES = { inOrder: ["main"] };

/** The clock half an hour after a day began; `rowsPerHour` beyond what it took to make the queue. */
async function openWith(open: OpenQueue, budget: Partial<Budget>): Promise<{ queue: QueueDriver; until: number }> {
  const queue = await open();
  queue.advance(DAY_MS - (queue.now() % DAY_MS) + HOUR_MS / 2);
  await configure(queue, { retentionMs: null, claimTimeoutMs: 10 * HOUR_MS });
  const used = expectKind(await queue.operate("getCost", null), "cost").cost.hour.rowsWritten;
  const { rowsPerHour = null } = budget;
  await configure(queue, { budget: { ...budget, rowsPerHour: rowsPerHour === null ? null : used + rowsPerHour } });
  return { queue, until: queue.now() + HOUR_MS / 2 };
}

/** Tasks of a row each, until the budget is used up. */
async function useUp(queue: QueueDriver, most = 60): Promise<number> {
  let tasks = 0;
  while ((await reached(queue)) === null && tasks < most) {
    await enqueue(queue, task(tasks));
    tasks += 1;
  }
  return tasks;
}

async function reached(queue: QueueDriver): Promise<BudgetReached | null> {
  return (await stats(queue)).budgetReached;
}

const tryEnqueue = (queue: QueueDriver): Promise<OutcomeOf<"enqueue">> =>
  queue.operate("enqueue", { tasks: [task(0)] });
const tryClaim = (queue: QueueDriver): Promise<OutcomeOf<"claim">> => queue.operate("claim", { max: 1, lanes: LANES });

export function budgetContract(open: OpenQueue): void {
  describe("a budget", () => {
    test("a queue without one is never held back, and says so", async () => {
      const { queue } = await openWith(open, {});
      await useUp(queue, 30);
      expect(await reached(queue)).toBeNull();
      expect((await tryEnqueue(queue)).kind).toBe("enqueued");
    });

    test("stop-enqueue: the row that uses it up is written, the next task is refused until the hour ends, to the millisecond", async () => {
      const { queue, until } = await openWith(open, { rowsPerHour: 40, onReach: "stop-enqueue" });
      const tasks = await useUp(queue);
      expect(tasks).toBeGreaterThan(10);
      expect(await reached(queue)).toEqual({ by: "rowsPerHour", onReach: "stop-enqueue", until });
      const refused = { kind: "budget-reached", by: "rowsPerHour", until };
      expect(await tryEnqueue(queue)).toEqual({ ...refused, retryAfterMs: until - queue.now() });
      expect((await stats(queue)).ready).toBe(tasks);
      queue.advance(until - queue.now() - 1);
      expect(await tryEnqueue(queue)).toEqual({ ...refused, retryAfterMs: 1 });
      queue.advance(1);
      expect(await reached(queue)).toBeNull();
      expect((await tryEnqueue(queue)).kind).toBe("enqueued");
    });

    test("stop-enqueue: claims, acks and all that a consumer does go on", async () => {
      const { queue } = await openWith(open, { rowsPerHour: 20, onReach: "stop-enqueue" });
      await useUp(queue);
      expect(await ack(queue, await claimOne(queue))).toEqual(["ok"]);
      expect((await queue.operate("modify", modifyInput({ insert: [{ task: task(1) }] }))).kind).toBe("budget-reached");
      const put = await queue.operate("putDocument", { key: "a", value: "1" });
      expect(put.kind).toBe("budget-reached");
    });

    test("a step of a pipeline, which acks a task and puts the next, is never refused", async () => {
      const { queue } = await openWith(open, { rowsPerHour: 20, onReach: "stop" });
      await enqueue(queue, task("work"));
      const held = await claimOne(queue);
      await useUp(queue);
      const step = modifyInput({ insert: [{ task: task("next") }], delete: [{ task: { claim: ref(held.claim) } }] });
      expect((await queue.operate("modify", step)).kind).toBe("modified");
    });

    test("stop: no claim is taken, held ones are acked, given back and kept, and owners may look and raise it", async () => {
      const { queue, until } = await openWith(open, { rowsPerHour: 30, onReach: "stop" });
      await enqueue(queue, task("a"), task("b"), task("c"));
      const [a, b, c] = [await claimOne(queue), await claimOne(queue), await claimOne(queue)];
      await useUp(queue);
      expect(await tryClaim(queue)).toMatchObject({ kind: "budget-reached", until });
      const waiting = await queue.operate("claim", { max: 1, lanes: LANES, waitMs: 20_000 });
      expect(waiting).toMatchObject({ kind: "budget-reached", until });
      expect(await ack(queue, a)).toEqual(["ok"]);
      expect(await nack(queue, b)).toBe("ok");
      const extended = await queue.operate("extend", { claims: [ref(c.claim)], claimTimeoutMs: HOUR_MS });
      expect(expectKind(extended, "extended").results).toMatchObject([{ ok: true }]);
      expect((await queue.operate("browse", { limit: 10, after: 0 })).kind).toBe("page");
      await configure(queue, { budget: { rowsPerHour: 1_000 } });
      expect((await tryClaim(queue)).kind).toBe("claimed");
    });

    test("stop: a claim that waits already is given nothing until the hour ends, and then at once", async () => {
      const { queue, until } = await openWith(open, { rowsPerHour: 30, onReach: "stop" });
      await enqueue(queue, task("again", { lane: "other" }));
      const other = { inOrder: ["other"] };
      const held = await claimOne(queue, { lanes: other });
      const waiting = queue.operate("claim", { max: 1, lanes: other, waitMs: 2 * HOUR_MS });
      let isAnswered = false;
      void waiting.then(() => (isAnswered = true));
      await useUp(queue);
      await nack(queue, held, { delayMs: 0 });
      queue.advance(until - queue.now() - 1);
      await queue.sweep();
      expect([(await stats(queue)).ready > 0, isAnswered]).toEqual([true, false]);
      queue.advance(1);
      await queue.sweep();
      expect(await waiting).toMatchObject({ kind: "claimed", tasks: [{ payload: JSON.stringify("again") }] });
    });

    test("stop: the alarm does nothing until the hour ends, and then what had become due", async () => {
      const { queue, until } = await openWith(open, { rowsPerHour: 30, onReach: "stop" });
      await configure(queue, { maxAttempts: 1 });
      await enqueue(queue, task("short"));
      await claimOne(queue, { claimTimeoutMs: 60_000 });
      await useUp(queue);
      queue.advance(60_000);
      await queue.sweep();
      expect((await stats(queue)).dead).toBe(0);
      queue.advance(until - queue.now());
      await queue.sweep();
      expect((await stats(queue)).dead).toBe(1);
    });

    test("slow: one task and one claim a second, whoever asks; acks at once", async () => {
      const { queue } = await openWith(open, { rowsPerHour: 20, onReach: "slow" });
      await useUp(queue);
      queue.advance(1_000);
      expect((await tryEnqueue(queue)).kind).toBe("enqueued");
      expect(await tryEnqueue(queue)).toMatchObject({ kind: "rate-limited", limit: 1, retryAfterMs: 1_000 });
      const held = await claimOne(queue);
      expect(await tryClaim(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 1_000 });
      expect(await ack(queue, held)).toEqual(["ok"]);
      queue.advance(999);
      expect(await tryEnqueue(queue)).toMatchObject({ kind: "rate-limited", retryAfterMs: 1 });
      queue.advance(1);
      expect((await tryEnqueue(queue)).kind).toBe("enqueued");
      expect((await tryClaim(queue)).kind).toBe("claimed");
    });

    test("warn: nothing is refused, and stats say that it is used up", async () => {
      const { queue, until } = await openWith(open, { rowsPerHour: 20 });
      await useUp(queue);
      expect(await reached(queue)).toEqual({ by: "rowsPerHour", onReach: "warn", until });
      expect((await tryEnqueue(queue)).kind).toBe("enqueued");
      expect((await tryClaim(queue)).kind).toBe("claimed");
    });

    test("dollars of a day last until the day ends, whatever the hour", async () => {
      const { queue, until } = await openWith(open, { usdPerDay: 0.00005, onReach: "stop-enqueue" });
      await useUp(queue, 200);
      const dayEnds = until + 23 * HOUR_MS;
      expect(await reached(queue)).toEqual({ by: "usdPerDay", onReach: "stop-enqueue", until: dayEnds });
      queue.advance(dayEnds - queue.now() - 1);
      expect((await tryEnqueue(queue)).kind).toBe("budget-reached");
      queue.advance(1);
      expect((await tryEnqueue(queue)).kind).toBe("enqueued");
    });

    test("what was used before the object slept counts", async () => {
      const { queue } = await openWith(open, { rowsPerHour: 40, onReach: "stop-enqueue" });
      queue.advance(2 * 60_000);
      await useUp(queue);
      // A minute later its row holds all of it.
      queue.advance(60_000);
      await ack(queue, await claimOne(queue));
      await queue.restart();
      expect((await tryEnqueue(queue)).kind).toBe("budget-reached");
    });
  });
}
