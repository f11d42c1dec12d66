// What a queue tells of its cost: what each operation used, for this hour, day and month, over restarts and the ends of them.

import { describe, expect, test } from "vitest";
import type { CostPart, CostSpan, CostView } from "../../src/core/queue-cost.ts";
import { ack, claimOne, configure, enqueue, expectKind, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

async function cost(queue: QueueDriver): Promise<CostView> {
  return expectKind(await queue.operate("getCost", null), "cost").cost;
}

function partOf({ parts }: CostSpan, name: CostPart["name"]): Partial<CostPart> {
  return parts.find((part) => part.name === name) ?? {};
}

/** The clock at the start of a month, or of a day or an hour, so that a test knows what is in which. */
async function openAt(open: OpenQueue, start: "month" | "day"): Promise<QueueDriver> {
  const queue = await open();
  const now = new Date(queue.now());
  const [year, month] = [now.getUTCFullYear(), now.getUTCMonth()];
  const at = start === "month" ? Date.UTC(year, month + 1, 1) : Date.UTC(year, month, now.getUTCDate() + 1);
  queue.advance(at - queue.now());
  await configure(queue, { retentionMs: null, claimTimeoutMs: 12 * HOUR_MS });
  return queue;
}

/** What the queue had to say to others has arrived: nothing is under way any longer. */
async function delivered(queue: QueueDriver): Promise<void> {
  for (let looks = 0; looks < 10_000; looks += 1) {
    const { messages } = expectKind(await queue.operate("listOutbox", { limit: 1, after: null }), "outbox");
    if (messages.length === 0) return;
  }
  throw new Error("the outbox does not empty");
}

async function life(queue: QueueDriver, payload: unknown): Promise<void> {
  await enqueue(queue, task(payload));
  await ack(queue, await claimOne(queue));
}

const enqueues = async (queue: QueueDriver): Promise<unknown[]> => {
  const view = await cost(queue);
  return [view.hour, view.day, view.month].map((span) => partOf(span, "enqueue").calls ?? 0);
};

export function costContract(open: OpenQueue): void {
  describe("cost", () => {
    test("rows are counted by the operation that they were written for", async () => {
      const queue = await openAt(open, "day");
      await enqueue(queue, ...Array.from({ length: 100 }, (_, index) => task(index)));
      await enqueue(queue, task("delayed", { delayMs: HOUR_MS }));
      const held = await claimOne(queue);
      await ack(queue, held);
      const { hour } = await cost(queue);
      // A run of 100 is a row; a task in the index is two.
      expect(partOf(hour, "enqueue")).toMatchObject({ calls: 2, rowsWritten: expect.any(Number) as unknown });
      expect(partOf(hour, "claim")).toMatchObject({ calls: 1, rowsWritten: 1 });
      expect(partOf(hour, "ack").calls).toBe(1);
      expect(hour.rowsWritten).toBe(hour.parts.reduce((sum, { rowsWritten }) => sum + rowsWritten, 0));
      expect(hour.usd).toBeGreaterThan(0);
    });

    test("an hour, a day and a month end when they do, and what was used in them goes on in the longer ones", async () => {
      const queue = await openAt(open, "month");
      queue.advance(HOUR_MS - 1);
      await enqueue(queue, task(1));
      expect(await enqueues(queue)).toEqual([1, 1, 1]);
      queue.advance(1);
      await enqueue(queue, task(2));
      expect(await enqueues(queue)).toEqual([1, 2, 2]);
      queue.advance(23 * HOUR_MS - 1);
      expect(await enqueues(queue)).toEqual([0, 2, 2]);
      queue.advance(1);
      expect(await enqueues(queue)).toEqual([0, 0, 2]);
      const { month } = await cost(queue);
      queue.advance(month.to - queue.now() - 1);
      expect(await enqueues(queue)).toEqual([0, 0, 2]);
      queue.advance(1);
      expect(await enqueues(queue)).toEqual([0, 0, 0]);
      expect((await cost(queue)).month.from).toBe(month.to);
    });

    test("a queue that sleeps after each task tells all that it has cost, the rows of the history among them", async () => {
      const queue = await openAt(open, "month");
      let before: CostView = await cost(queue);
      const told = async (): Promise<number> => (await cost(queue)).month.rowsWritten - before.month.rowsWritten;
      for (let minute = 1; minute <= 5; minute += 1) {
        queue.advance(2 * MINUTE_MS);
        before = await cost(queue);
        await life(queue, minute);
        // Three for the task, and the history's: one for what woke it, one for its end.
        expect(await told()).toBeGreaterThanOrEqual(5);
        const known = await cost(queue);
        await queue.restart();
        // Opening a database may look for its tables, which SQLite counts by the statement before.
        const unexplained = (await cost(queue)).month.rowsWritten - known.month.rowsWritten;
        expect([0, 1]).toContain(unexplained);
      }
      expect(await enqueues(queue)).toEqual([5, 5, 5]);
    });

    test.each([
      ["an hour", HOUR_MS, [1, 2, 2]],
      ["a day", DAY_MS, [1, 1, 2]],
      ["ten days, in which the ring of minutes has come round", 10 * DAY_MS, [1, 1, 2]],
    ])("after a sleep of %s the day and the month go on from what was stored", async (_name, ms, expected) => {
      const queue = await openAt(open, "month");
      queue.advance(5 * MINUTE_MS);
      await life(queue, 1);
      await queue.restart();
      queue.advance(ms);
      await life(queue, 2);
      expect(await enqueues(queue)).toEqual(expected);
      await queue.restart();
      expect(await enqueues(queue)).toEqual(expected);
    });

    test("a sleep over the end of a month begins the next with nothing", async () => {
      const queue = await openAt(open, "month");
      queue.advance(5 * MINUTE_MS);
      await life(queue, 1);
      await queue.restart();
      queue.advance((await cost(queue)).month.to - queue.now());
      await queue.restart();
      expect(await enqueues(queue)).toEqual([0, 0, 0]);
    });

    test("time that a claim waits is time awake; time in which nothing goes on is not", async () => {
      const queue = await openAt(open, "day");
      await delivered(queue);
      const awake = async (): Promise<number> => (await cost(queue)).day.awakeMs;
      const before = await awake();
      queue.advance(5 * MINUTE_MS);
      expect((await awake()) - before).toBeLessThan(1_000);
      const waiting = queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 20_000 });
      const parkedAt = await awake();
      queue.advance(8_000);
      await enqueue(queue, task(1));
      await waiting;
      expect((await awake()) - parkedAt).toBeGreaterThanOrEqual(8_000);
      expect((await awake()) - parkedAt).toBeLessThan(9_000);
    });

    test("the forecast is what was spent, and the rest of the month at that pace", async () => {
      const queue = await openAt(open, "month");
      for (let hour = 0; hour < 36; hour += 1) {
        await life(queue, hour);
        queue.advance(HOUR_MS);
      }
      const { day, month, forecast } = await cost(queue);
      const of = (span: CostSpan): number =>
        month.usd + (span.usd / (queue.now() - span.from)) * (month.to - queue.now());
      expect(forecast.likeThisMonth).toBeCloseTo(of(month), 9);
      expect(forecast.likeToday).toBeCloseTo(of(day), 9);
    });

    test("a queue that does not exist has cost nothing that it could tell", async () => {
      const queue = await open();
      expect((await queue.operate("getCost", null)).kind).toBe("queue-not-found");
    });
  });
}
