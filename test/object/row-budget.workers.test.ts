// The rows that each thing costs (P14), exactly: a row written is what the platform bills. design.md section 4, line by line.

import { env } from "cloudflare:workers";
import { runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import type { ClaimedTask } from "../../src/core/task.ts";
import type { QueueObject } from "../../src/object/queue-object.ts";
import { queueStub } from "../../src/object/queue-stub.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  enqueue,
  extend,
  nack,
  payloads,
  ref,
  stats,
  task,
} from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

/** A queue that exists and is registered, so that no test pays for its creation. */
async function openQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, {});
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 10_000 });
  return queue;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

describe("rows written", () => {
  test("3 for a plain task, enqueued, claimed and acked by itself", async () => {
    const queue = await openQueue();
    expect(await queue.rowsWritten(() => enqueue(queue, task(1)))).toBe(1);
    let held: ClaimedTask | undefined;
    expect(await queue.rowsWritten(async () => (held = await claimOne(queue)))).toBe(1);
    expect(await queue.rowsWritten(() => ack(queue, ...(held === undefined ? [] : [held])))).toBe(1);
    expect(
      await queue.rowsWritten(async () => {
        for (const number of numbers(100)) {
          await enqueue(queue, task(number));
          await ack(queue, await claimOne(queue));
        }
      }),
    ).toBe(300);
  });

  test("2.1 a task, enqueued singly, claimed and acked in tens", async () => {
    const queue = await openQueue();
    const rows = await queue.rowsWritten(async () => {
      for (const number of numbers(100)) await enqueue(queue, task(number));
      for (const _ of numbers(10)) await ack(queue, ...(await claim(queue, { max: 10 })));
    });
    expect(rows).toBe(210);
  });

  test("0.03 a task in hundreds, from enqueue to ack: a run is one row in, one claim, one row out", async () => {
    const queue = await openQueue();
    const rows = await queue.rowsWritten(async () => {
      for (const _ of numbers(10)) await enqueue(queue, ...numbers(100).map((number) => task(number)));
      for (const _ of numbers(10)) await ack(queue, ...(await claim(queue, { max: 100 })));
    });
    expect(rows).toBe(30);
  });

  test.each([
    ["a delay", { delayMs: 10 }],
    ["a lane", { lane: "other" }],
    ["a priority", { priority: 3 }],
    ["all three", { delayMs: 10, lane: "other", priority: 3 }],
    ["a TTL", { ttlMs: 60_000 }],
  ])("1 more for %s, in a whole life", async (_, options) => {
    const queue = await openQueue();
    const rows = await queue.rowsWritten(async () => {
      await enqueue(queue, task(1, options));
      queue.advance(10);
      await ack(queue, await claimOne(queue, { lanes: { inOrder: ["main", "other"] } }));
    });
    expect(rows).toBe(4);
  });

  test("nothing more for headers, text, bytes and an attempt limit", async () => {
    const queue = await openQueue();
    const rows = await queue.rowsWritten(async () => {
      await enqueue(queue, {
        payload: new Uint8Array([1]),
        contentType: "image/png",
        maxAttempts: 3,
        headers: { a: "b" },
      });
      await ack(queue, await claimOne(queue));
    });
    expect(rows).toBe(3);
  });

  test("1 more for a task with its own id, and 2 for remembering it to the end of the dedupe window", async () => {
    const queue = await openQueue();
    await configure(queue, { dedupeMs: 1_000 });
    expect(
      await queue.rowsWritten(async () => {
        await enqueue(queue, task(1, { id: "order-1" }));
        await ack(queue, await claimOne(queue));
        queue.advance(120_000);
        await queue.sweep();
      }),
    ).toBe(6);
    expect(await browseAll(queue)).toEqual([]);
    await configure(queue, { dedupeMs: 0 });
    expect(
      await queue.rowsWritten(async () => {
        await enqueue(queue, task(1, { id: "order-1" }));
        await ack(queue, await claimOne(queue));
      }),
    ).toBe(4);
  });

  test("2 for a nack and 2 for an expiry, no claim row", async () => {
    const queue = await openQueue();
    await enqueue(queue, task(1));
    await enqueue(queue, task(2));
    const held = await claimOne(queue);
    expect(await queue.rowsWritten(() => nack(queue, held, { delayMs: 60_000 }))).toBe(2);
    await claimOne(queue, { claimTimeoutMs: 10 });
    queue.advance(10);
    expect(await queue.rowsWritten(() => queue.sweep())).toBe(2);
  });

  test("2 and 1 for the batch, for tasks that fail out of the row they share with others", async () => {
    const queue = await openQueue();
    await enqueue(queue, ...numbers(100).map((number) => task(number)));
    const held = await claim(queue, { max: 100, claimTimeoutMs: 10 });
    const [first] = held;
    expect(await queue.rowsWritten(() => nack(queue, first as ClaimedTask, { delayMs: 60_000 }))).toBe(3);
    queue.advance(10);
    // The mark of the first goes with the run's row.
    expect(await queue.rowsWritten(() => queue.sweep())).toBe(99 * 2 + 2);
  });

  test("1 for all single tasks that are enqueued in one turn, and 1 for their acks in another", async () => {
    const queue = await openQueue();
    const inOneTurn = <Result>(act: (object: QueueObject) => Promise<Result>[]): Promise<Result[]> =>
      runInDurableObject(queue.stub, (object) => Promise.all(act(object)));
    const enqueueAll = (object: QueueObject) =>
      numbers(64).map((number) => object.operate("enqueue", { tasks: [task(number)] }));
    expect(await queue.rowsWritten(() => inOneTurn(enqueueAll))).toBe(1);
    const held = await claim(queue, { max: 64 });
    expect(payloads(held)).toEqual(numbers(64));
    const ackAll = (object: QueueObject) => held.map((one) => object.operate("ack", { claims: [ref(one.claim)] }));
    expect(await queue.rowsWritten(() => inOneTurn(ackAll))).toBe(1);
    expect(await browseAll(queue)).toEqual([]);
  });

  test("1 an ack and 1 in the end, for tasks of a shared row that are acked one by one", async () => {
    const queue = await openQueue();
    await enqueue(queue, ...numbers(10).map((number) => task(number)));
    const held = await claim(queue, { max: 10 });
    expect(
      await queue.rowsWritten(async () => {
        for (const one of held) await ack(queue, one);
      }),
    ).toBe(11);
  });

  test("1 for an extension, however many tasks of one claim call it extends", async () => {
    const queue = await openQueue();
    await enqueue(queue, ...numbers(50).map((number) => task(number)));
    const held = await claim(queue, { max: 50 });
    expect(await queue.rowsWritten(() => extend(queue, 60_000, ...held))).toBe(1);
    expect(await queue.rowsWritten(() => extend(queue, 60_000, ...held.slice(0, 7)))).toBe(1);
  });

  test("none for an empty claim, a look, a duplicate, a refused ack or a parked claim", async () => {
    const queue = await openQueue();
    await enqueue(queue, task(1, { id: "order-1" }));
    const held = await claimOne(queue, { claimTimeoutMs: 1_000 });
    const stub = queueStub(env, queue.name);
    const rows = await queue.rowsWritten(async () => {
      expect(await claim(queue)).toEqual([]);
      await enqueue(queue, task(1, { id: "order-1" }));
      await stats(queue);
      await browseAll(queue);
      await queue.operate("getTask", { id: "order-1" });
      await ack(queue, { ...held, claim: held.claim.replace(/-[0-9a-f]{16}-/, "-0000000000000000-") });
      const parked = queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 20_000, ticket: "ticket" });
      await stub.leave("ticket");
      await parked;
    });
    expect(rows).toBe(0);
  });

  test("a steadily busy queue sets its alarm once per claim timeout", async () => {
    const queue = await openQueue();
    const alarms = await runInDurableObject(queue.stub, (_, { storage }) => vi.spyOn(storage, "setAlarm"));
    for (const number of numbers(300)) {
      await enqueue(queue, task(number));
      await ack(queue, await claimOne(queue, { claimTimeoutMs: 30_000 }));
      queue.advance(1_000);
      if (number % 30 === 29) await queue.sweep();
    }
    // Ten timeouts; the first enqueue and the first claim set it too.
    expect(alarms.mock.calls.length).toBeLessThanOrEqual(12);
  });
});
