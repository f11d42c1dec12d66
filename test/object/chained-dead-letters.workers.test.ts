// Dead letters that die again: each goes back the way it came, with all of its own fields, and none goes round in a circle (P9).

import { expect, test } from "vitest";
import { browseAll, claimOne, configure, counts, enqueue, nack, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

/** Queues in which one attempt is allowed, each the dead-letter queue of the one before. */
async function chain(length: number): Promise<ObjectQueue[]> {
  const queues = Array.from({ length }, () => new ObjectQueue());
  for (const [index, queue] of queues.entries()) {
    await configure(queue, { maxAttempts: 1, deadLetterQueue: queues[index + 1]?.name ?? null });
    await delivered(queue);
  }
  return queues;
}

async function die(queue: ObjectQueue): Promise<void> {
  await nack(queue, await claimOne(queue), { dead: true });
  await delivered(queue);
}

async function redrive(queue: ObjectQueue): Promise<unknown> {
  const outcome = await queue.operate("redrive", { limit: 10 });
  await delivered(queue);
  return outcome;
}

test("a task's own limit of attempts, priority, headers, content type and lane come back with it", async () => {
  const [queue, letters] = (await chain(2)) as [ObjectQueue, ObjectQueue];
  const own = { lane: "side", priority: 7, maxAttempts: 1, headers: { trace: "t" }, contentType: "text/plain" };
  await configure(queue, { maxAttempts: 5 });
  await enqueue(queue, { ...own, payload: "hello", id: "own" });
  await nack(queue, await claimOne(queue, { lanes: { inOrder: ["side"] } }));
  await delivered(queue);
  // There it is the dead-letter queue's limit that counts.
  expect(await browseAll(letters)).toMatchObject([{ maxAttempts: null, priority: 7, state: "ready" }]);
  await redrive(letters);
  const back = await claimOne(queue, { lanes: { inOrder: ["side"] } });
  expect(back).toMatchObject({ ...own, id: "own", payload: "hello", attempts: 1, origin: null });
  await nack(queue, back);
  await delivered(queue);
  expect(await counts(letters)).toEqual([1, 0, 0, 0]);
});

test("what died in one queue after another goes back through each of them", async () => {
  const [first, second, third] = (await chain(3)) as [ObjectQueue, ObjectQueue, ObjectQueue];
  const [made] = await enqueue(first, task("far", { maxAttempts: 3, lane: "main", priority: 1 }));
  await die(first);
  await die(second);
  expect(await browseAll(third)).toMatchObject([{ origin: { queue: second.name } }]);
  expect(await redrive(third)).toMatchObject({ tasks: 1 });
  expect(await browseAll(second)).toMatchObject([{ maxAttempts: null, origin: { queue: first.name, id: made?.id } }]);
  expect(await redrive(second)).toMatchObject({ tasks: 1 });
  expect(await claimOne(first)).toMatchObject({ id: made?.id, maxAttempts: 3, payload: '"far"', origin: null });
  for (const queue of [second, third]) expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test.each([2, 3])(
  "in a circle of %i dead-letter queues a task goes round once, and stays dead in the last",
  async (length) => {
    const queues = await chain(length);
    const [first, last] = [queues[0], queues.at(-1)];
    if (first === undefined || last === undefined) throw new Error("queues expected");
    await configure(last, { deadLetterQueue: first.name });
    await enqueue(first, task("round"));
    for (const queue of queues) await die(queue);
    for (const queue of queues) expect(await counts(queue)).toEqual([0, 0, 0, queue === last ? 1 : 0]);
  },
);

test("a dead letter that died where it came to goes home, once", async () => {
  const [first, second] = (await chain(2)) as [ObjectQueue, ObjectQueue];
  await enqueue(first, task("once"));
  await die(first);
  await die(second);
  expect(await counts(second)).toEqual([0, 0, 0, 1]);
  expect(await redrive(second)).toEqual({ kind: "redriven", tasks: 1, notFound: [], after: null, leftChanged: [] });
  expect(await counts(second)).toEqual([0, 0, 0, 0]);
  expect(await counts(first)).toEqual([1, 0, 0, 0]);
});
