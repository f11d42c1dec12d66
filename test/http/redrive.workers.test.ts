// POST /v1/queues/{queue}/redrive: dead tasks are offered again, in place or back where they died, over two real objects.

import { describe, expect, test } from "vitest";
import { api, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ringAlarm, storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

/** Enqueues tasks and lets each die at its first attempt. */
async function deadTasks(queue: QueueApi, payloads: readonly unknown[]): Promise<string[]> {
  const tasks = await queue.enqueueAll(payloads.map((payload) => ({ payload })));
  const claimed = await queue.claim({ max: payloads.length });
  await queue.nack(...claimed.map(({ claim }) => ({ claim, dead: true, error: "bad" })));
  return tasks.map(({ id }) => id);
}

describe("in place", () => {
  test("dead tasks begin again: no attempts, ready at once", async () => {
    const queue = api();
    const ids = await deadTasks(queue, ["a", "b"]);
    clock.advance(1_000);
    expect((await queue.send("POST", "/redrive", {})).body).toEqual({
      tasks: 2,
      notFound: [],
      more: false,
      cursor: null,
      leftChanged: [],
    });
    const tasks = await queue.claim({ max: 10 });
    expect(tasks.map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
    expect(tasks.map(({ attempts, error }) => [attempts, error])).toEqual([
      [1, "bad"],
      [1, "bad"],
    ]);
  });

  test("the named ones only; those that are not dead, or not there, are listed", async () => {
    const queue = api();
    const [first, second] = await deadTasks(queue, ["a", "b"]);
    const alive = await queue.enqueue({ payload: "c" });
    const { body } = await queue.send("POST", "/redrive", { ids: [second, "nope", alive.id, second] });
    expect(body).toEqual({ tasks: 1, notFound: ["nope", alive.id], more: false, cursor: null, leftChanged: [] });
    expect((await queue.browse("?state=dead")).tasks).toMatchObject([{ id: first }]);
  });

  test("no more than the limit, and whether there are more", async () => {
    const queue = api();
    await deadTasks(queue, [1, 2, 3]);
    expect((await queue.send("POST", "/redrive", { limit: 2 })).body).toMatchObject({ tasks: 2, more: true });
    expect(await queue.counts()).toMatchObject({ ready: 2, dead: 1 });
    expect((await queue.send("POST", "/redrive")).body).toEqual({
      tasks: 1,
      notFound: [],
      more: false,
      cursor: null,
      leftChanged: [],
    });
  });
});

describe("from a dead-letter queue", () => {
  test("P9: a dead task moves there with all it was, once, and is gone where it died", async () => {
    const [queue, dead] = [api(), api()];
    await queue.configure({ deadLetterQueue: dead.name, maxAttempts: 2 });
    const headers = { trace: "1" };
    const { id } = await queue.enqueue({ payload: { n: 1 }, id: "order-1", headers, priority: 3 });
    const enqueuedAt = clock.now();
    clock.advance(10);
    await queue.nack({ claim: (await queue.claimOne()).claim, delayMs: 0, error: "first" });
    await queue.nack({ claim: (await queue.claimOne()).claim, error: "second" });
    await ringAlarm(queue.name);

    const task = await dead.claimOne({ waitMs: 20_000 });
    expect(task).toMatchObject({
      id,
      payload: { n: 1 },
      headers,
      priority: 3,
      attempts: 1,
      origin: { queue: queue.name, id, lane: "main", attempts: 2, error: "second", enqueuedAt, diedAt: clock.now() },
    });
    expect(await queue.counts()).toEqual({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
    await ringAlarm(queue.name);
    expect(await dead.counts()).toMatchObject({ ready: 0, claimed: 1 });
  });

  test("redriven, it goes back where it died, under its id, and begins again", async () => {
    const [queue, dead] = [api(), api()];
    await queue.configure({ deadLetterQueue: dead.name });
    const { id } = await queue.enqueue({ payload: "again", lane: "side" });
    await queue.nack({ claim: (await queue.claimOne({ lanes: ["side"] })).claim, dead: true });
    await ringAlarm(queue.name);
    await dead.nack({ claim: (await dead.claimOne({ waitMs: 20_000 })).claim, release: true });

    expect((await dead.send("POST", "/redrive", {})).body).toEqual({
      tasks: 1,
      notFound: [],
      more: false,
      cursor: null,
      leftChanged: [],
    });
    await ringAlarm(dead.name);

    const task = await queue.claimOne({ waitMs: 20_000, lanes: ["side"] });
    expect(task).toMatchObject({ id, payload: "again", lane: "side", attempts: 1, origin: null });
    expect(await dead.counts()).toEqual({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
  });

  test("a dead letter that is claimed is left to its claimant", async () => {
    const [queue, dead] = [api(), api()];
    await queue.configure({ deadLetterQueue: dead.name });
    const [id] = await deadTasks(queue, [1]);
    await ringAlarm(queue.name);
    await dead.claimOne({ waitMs: 20_000 });
    expect((await dead.send("POST", "/redrive", { ids: [id] })).body).toEqual({
      tasks: 0,
      notFound: [id],
      more: false,
      cursor: null,
      leftChanged: [],
    });
  });
});

test.each([
  [{ ids: [] }, "ids", "an array of 0"],
  [{ ids: "a" }, "ids", "a"],
  [{ ids: ["a", 7] }, "ids[1]", 7],
  [{ ids: ["\ud800"] }, "ids[0]", "\uFFFD"],
  [{ ids: ["a"], limit: 1 }, "limit", 1],
  [{ limit: 0 }, "limit", 0],
  [{ limit: 1_001 }, "limit", 1_001],
  [{ all: true }, "all", true],
])("%j is refused and nothing is written", async (body, field, given) => {
  const queue = api();
  await deadTasks(queue, [1]);
  const before = await storedRows(queue.name);
  expectInvalid(await queue.send("POST", "/redrive", body), field, given);
  expect(await storedRows(queue.name)).toEqual(before);
});

test("a queue that is not there has nothing to redrive", async () => {
  expectProblem(await api().send("POST", "/redrive", {}), "queue-not-found");
});
