// Dead letters move to another object and back, each exactly once (P9), whatever is lost, late or repeated between.

import { expect, test, vi } from "vitest";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  nack,
  payloads,
  ref,
  stats,
  task,
} from "../contract/builders.ts";
import { QueueObject } from "../../src/object/queue-object.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, newQueueName, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

async function openPair(): Promise<{ queue: ObjectQueue; deadLetters: ObjectQueue }> {
  const deadLetters = new ObjectQueue(newQueueName());
  const queue = new ObjectQueue();
  await configure(queue, { maxAttempts: 1, deadLetterQueue: deadLetters.name });
  await delivered(queue);
  return { queue, deadLetters };
}

// oxlint-disable-next-line typescript/unbound-method -- applied to the object that the spy is called on
const { receive } = QueueObject.prototype;

async function readyIn(queue: ObjectQueue): Promise<number> {
  const outcome = await queue.operate("getQueue", null);
  return outcome.kind === "queue" ? outcome.queue.stats.ready : 0;
}

test("a dead task arrives with all that it was, and leaves nothing behind", async () => {
  const { queue, deadLetters } = await openPair();
  const [written] = await enqueue(queue, task({ order: 7 }, { headers: { trace: "t" }, priority: 2 }));
  const enqueuedAt = queue.now();
  queue.advance(5);
  await nack(queue, await claimOne(queue), { error: "no stock" });
  await delivered(queue);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
  const [letter] = await claim(deadLetters);
  expect(letter).toMatchObject({
    id: written?.id,
    payload: '{"order":7}',
    headers: { trace: "t" },
    priority: 2,
    attempts: 1,
    origin: {
      queue: queue.name,
      id: written?.id,
      attempts: 1,
      error: "no stock",
      enqueuedAt,
      diedAt: enqueuedAt + 5,
      lane: "main",
    },
  });
});

test("bytes and text travel as they are", async () => {
  const { queue, deadLetters } = await openPair();
  await enqueue(
    queue,
    { payload: new Uint8Array([0, 255]), contentType: "image/png" },
    { payload: "é", contentType: "text/plain" },
  );
  for (const held of await claim(queue, { max: 2 })) await nack(queue, held);
  await delivered(queue);
  const letters = await claim(deadLetters, { max: 2 });
  expect(letters.map(({ payload, contentType }) => [payload, contentType])).toEqual([
    [new Uint8Array([0, 255]), "image/png"],
    ["é", "text/plain"],
  ]);
});

test("a redriven dead letter goes back under its id and begins again; its own id stays one task (P9, P10)", async () => {
  const { queue, deadLetters } = await openPair();
  const [made] = await enqueue(queue, task("made"), task("own", { id: "order-1", lane: "side" }));
  for (const held of await claim(queue, { max: 2, lanes: { inOrder: ["main", "side"] } }))
    await nack(queue, held, { error: "x" });
  await delivered(queue);
  expect(await enqueue(queue, task("again", { id: "order-1" }))).toMatchObject([{ duplicate: true }]);
  expect(await deadLetters.operate("redrive", { limit: 10 })).toMatchObject({
    kind: "redriven",
    tasks: 2,
    after: null,
  });
  await delivered(deadLetters);
  expect(await counts(deadLetters)).toEqual([0, 0, 0, 0]);
  expect(await enqueue(queue, task("again", { id: "order-1" }))).toMatchObject([{ duplicate: true }]);
  const back = await claim(queue, { max: 5, lanes: { inOrder: ["main", "side"] } });
  expect(back.map(({ id, attempts, origin, lane }) => [id, attempts, origin, lane])).toEqual([
    [made?.id, 1, null, "main"],
    ["order-1", 1, null, "side"],
  ]);
  expect(await ack(queue, ...back)).toEqual(["ok", "ok"]);
});

test("a delivery whose answer is lost is taken once, however often it is repeated (P9)", async () => {
  const { queue, deadLetters } = await openPair();
  await enqueue(queue, task(1), task(2));
  // The receiver takes the message, but its answer never arrives.
  const lost = vi.spyOn(QueueObject.prototype, "receive").mockImplementation(async function (
    this: QueueObject,
    ...call
  ) {
    await receive.apply(this, call);
    throw new Error("the answer is lost");
  });
  const claims = (await claim(queue, { max: 2 })).map((held) => ({ claim: ref(held.claim) }));
  await queue.operate("nack", { claims });
  await vi.waitUntil(async () => (await readyIn(deadLetters)) === 2, { timeout: 20_000, interval: 20 });
  expect((await stats(queue)).outbox).toBe(2);
  lost.mockRestore();
  await queue.crash();
  await queue.sweep();
  await queue.sweep();
  await delivered(queue);
  expect(payloads(await browseAll(deadLetters))).toEqual([1, 2]);
});

test("a delivery that fails is kept and repeated, by a new instance too", async () => {
  const { queue, deadLetters } = await openPair();
  await enqueue(queue, task(1));
  const down = vi.spyOn(QueueObject.prototype, "receive").mockRejectedValue(new Error("the network is down"));
  await nack(queue, await claimOne(queue));
  await vi.waitUntil(() => down.mock.calls.length > 0, { timeout: 20_000, interval: 20 });
  expect((await stats(queue)).outbox).toBe(1);
  down.mockRestore();
  await queue.crash();
  await queue.sweep();
  await delivered(queue);
  expect(payloads(await browseAll(deadLetters))).toEqual([1]);
});

test("two queues with one dead-letter queue keep tasks of the same id apart", async () => {
  const deadLetters = new ObjectQueue(newQueueName());
  const queues = [new ObjectQueue(), new ObjectQueue()];
  for (const queue of queues) {
    await configure(queue, { maxAttempts: 1, deadLetterQueue: deadLetters.name });
    await enqueue(queue, task(queue.name, { id: "order-1" }));
    await nack(queue, await claimOne(queue));
    await delivered(queue);
  }
  const letters = await browseAll(deadLetters);
  expect(new Set(payloads(letters))).toEqual(new Set(queues.map(({ name }) => name)));
  expect(new Set(letters.map(({ id }) => id)).size).toBe(2);
  expect(letters.map(({ origin }) => origin?.id)).toEqual(["order-1", "order-1"]);
  await deadLetters.operate("redrive", { limit: 10 });
  await delivered(deadLetters);
  for (const queue of queues)
    expect(await claimOne(queue)).toMatchObject({ id: "order-1", payload: JSON.stringify(queue.name) });
});
