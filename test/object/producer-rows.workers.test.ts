// The rows that a call costs which may be sent again (P10, P14), exactly: one for each call or, where calls share a turn, one for
// each producer and turn.

import { runInDurableObject } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test, vi } from "vitest";
import { Queue } from "../../src/client/index.ts";
import type { QueueService, QueueServiceProps } from "../../src/index.ts";
import { ack, claim, claimOne, configure, ref, stats, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const ONE = "00000000000000a1";

/** A queue that exists, with a producer that it knows. */
async function openQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, {});
  await vi.waitUntil(async () => (await stats(queue)).outbox === 0, { timeout: 10_000 });
  await send(queue, 1, 1);
  await ack(queue, await claimOne(queue));
  return queue;
}

function send(queue: ObjectQueue, number: number, count: number, producer = ONE) {
  const tasks = Array.from({ length: count }, (_, index) => task(index));
  return queue.operate("enqueue", { tasks, call: { producer, number, from: number } });
}

test.each([
  ["4 a task singly", 1, 4],
  ["0.4 a task in tens", 10, 0.4],
  ["0.04 a task in hundreds", 100, 0.04],
])("%s, from enqueue to ack", async (_name, size, rowsPerTask) => {
  const queue = await openQueue();
  const calls = 20;
  const rows = await queue.rowsWritten(async () => {
    for (let call = 1; call <= calls; call += 1) {
      await send(queue, 1 + call, size);
      await ack(queue, ...(await claim(queue, { max: size })));
    }
  });
  expect(rows / (calls * size)).toBeCloseTo(rowsPerTask, 10);
});

test("4 a call of the default client in tens, from enqueue to ack: 0.4 a task", async () => {
  const object = await openQueue();
  const props: QueueServiceProps = { queues: [object.name], can: ["enqueue", "claim"] };
  const entrypoint = exports.QueueService as unknown as (options: { props: unknown }) => Service<typeof QueueService>;
  const queue = new Queue<number>(object.name, { binding: entrypoint({ props }) });
  const life = async (): Promise<void> => {
    await queue.enqueueBatch(Array.from({ length: 10 }, (_, payload) => ({ payload })));
    const results = await queue.ackBatch(await queue.claim({ max: 10 }));
    expect(results.map(({ ok }) => ok)).toEqual(Array.from({ length: 10 }, () => true));
  };
  // The client's first call makes its producer known.
  await life();
  const calls = 30;
  const rows = await object.rowsWritten(async () => {
    for (let call = 0; call < calls; call += 1) await life();
  });
  expect(rows).toBe(4 * calls);
});

test("one a producer and turn: calls that arrive together share their run, and their producer's row", async () => {
  const queue = await openQueue();
  const rows = await queue.rowsWritten(() =>
    runInDurableObject(queue.stub, (object) =>
      Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          object.operate("enqueue", { tasks: [task(index)], call: { producer: ONE, number: 2 + index } }),
        ),
      ),
    ),
  );
  expect(rows).toBe(2);
});

test("none for a repeat, and none for a call that is refused", async () => {
  const queue = await openQueue();
  await send(queue, 2, 1);
  expect(await queue.rowsWritten(() => send(queue, 2, 1))).toBe(0);
  expect(await queue.rowsWritten(() => send(queue, 2, 2))).toBe(0);
  expect(await queue.rowsWritten(() => send(queue, 1, 1))).toBe(0);
});

test("a producer's first call is 2, and one to forget it; one in dedupeMs moves its end", async () => {
  const queue = await openQueue();
  await configure(queue, { dedupeMs: 60_000 });
  expect(await queue.rowsWritten(() => send(queue, 1, 1, "00000000000000b2"))).toBe(1 + 2);
  queue.advance(59_999);
  expect(await queue.rowsWritten(() => send(queue, 2, 1, "00000000000000b2"))).toBe(1 + 1);
  queue.advance(2);
  expect(await queue.rowsWritten(() => send(queue, 3, 1, "00000000000000b2"))).toBe(1 + 2);
  queue.advance(600_000);
  expect(await queue.rowsWritten(() => queue.sweep())).toBe(2);
});

test("a numbered modify is one row more", async () => {
  const queue = await openQueue();
  await send(queue, 2, 1);
  const held = await claimOne(queue);
  const rows = await queue.rowsWritten(() =>
    queue.operate("modify", {
      insert: [{ task: task("out"), onConflict: "fail" }],
      change: [],
      delete: [{ task: { claim: ref(held.claim) } }],
      depend: [],
      call: { producer: ONE, number: 3 },
    }),
  );
  expect(rows).toBe(3);
});
