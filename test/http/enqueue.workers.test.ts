// POST /v1/queues/{queue}/tasks with JSON: one task or many, all of them or none.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

test("one task is answered with 201, an id, its first version and when it is visible", async () => {
  const queue = api();
  const { status, headers, body } = await queue.send("POST", "/tasks", { payload: { order: 7 } });
  expect(status).toBe(201);
  expect(headers.get("content-type")).toBe("application/json");
  expect(body).toEqual({
    tasks: [
      {
        id: expect.stringMatching(/^[0-9a-z]{5}-[0-9a-z]{11}$/) as unknown,
        version: 1,
        visibleAt: clock.now(),
        duplicate: false,
      },
    ],
  });
});

test("a batch is answered in its own order, and claimed in it", async () => {
  const queue = api();
  const tasks = await queue.enqueueAll([{ payload: "a" }, { payload: "b", headers: { x: "1" } }, { payload: "c" }]);
  const claimed = await queue.claim({ max: 10 });
  expect(claimed.map(({ payload }) => payload)).toEqual(["a", "b", "c"]);
  expect(claimed.map(({ id }) => id)).toEqual(tasks.map(({ id }) => id));
});

test("a thousand tasks are one batch, one more is refused", async () => {
  const queue = api();
  const tasks = Array.from({ length: 1_000 }, (_, payload) => ({ payload }));
  expect(await queue.enqueueAll(tasks)).toHaveLength(1_000);
  expectInvalid(
    await queue.send("POST", "/tasks", { tasks: [...tasks, { payload: 1_000 }] }),
    "tasks",
    "an array of 1001",
  );
  expect(await queue.counts()).toMatchObject({ ready: 1_000 });
});

test("every option comes back with the claim", async () => {
  const queue = api();
  const headers = { "Trace-Id": "00-1", constructor: "a word like any other" };
  await queue.enqueue({
    payload: [null],
    id: "order/7 é",
    lane: "fast",
    priority: -3,
    ttlMs: 60_000,
    maxAttempts: 2,
    headers,
  });
  const task = await queue.claimOne({ lanes: ["fast"], claimant: "host-1" });
  expect(task).toEqual({
    id: "order/7 é",
    claim: expect.any(String) as unknown,
    version: 2,
    lane: "fast",
    priority: -3,
    payload: [null],
    encoding: "json",
    headers,
    attempts: 1,
    maxAttempts: 2,
    enqueuedAt: clock.now(),
    visibleAt: clock.now(),
    expiresAt: clock.now() + 60_000,
    claimedUntil: clock.now() + 30_000,
    error: null,
    origin: null,
  });
});

describe("when a task becomes visible", () => {
  test.each([
    ["delayMs", (ms: number) => ({ delayMs: ms })],
    ["visibleAt", (ms: number) => ({ visibleAt: clock.now() + ms })],
  ])("%s keeps it back until the very millisecond", async (_name, option) => {
    const queue = api();
    const { visibleAt } = await queue.enqueue({ payload: 1, ...option(5_000) });
    expect(visibleAt).toBe(clock.now() + 5_000);
    clock.advance(4_999);
    expect(await queue.claim()).toEqual([]);
    clock.advance(1);
    expect(await queue.claim()).toHaveLength(1);
  });

  test("366 days ahead is the most: one millisecond past it is refused and nothing is written", async () => {
    const queue = api();
    const most = 366 * 86_400_000;
    await queue.enqueue({ payload: 1, delayMs: most });
    await queue.enqueue({ payload: 1, visibleAt: clock.now() + most });
    const before = await storedRows(queue.name);
    expectInvalid(await queue.send("POST", "/tasks", { payload: 1, delayMs: most + 1 }), "delayMs", most + 1);
    const visibleAt = clock.now() + most + 1;
    expectInvalid(await queue.send("POST", "/tasks", { payload: 1, visibleAt }), "visibleAt", visibleAt);
    const batch = { tasks: [{ payload: 1 }, { payload: 2, visibleAt }] };
    expectInvalid(await queue.send("POST", "/tasks", batch), "tasks[1].visibleAt", visibleAt);
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test("an instant that has passed means now", async () => {
    const queue = api();
    expect((await queue.enqueue({ payload: 1, visibleAt: 0 })).visibleAt).toBe(clock.now());
    expect(await queue.claim()).toHaveLength(1);
  });
});

test("a task past its ttlMs is not offered, one millisecond before it is", async () => {
  const queue = api();
  await queue.enqueueAll([
    { payload: "gone", ttlMs: 1_000 },
    { payload: "there", ttlMs: 1_001 },
  ]);
  clock.advance(1_000);
  expect((await queue.claim({ max: 10 })).map(({ payload }) => payload)).toEqual(["there"]);
});

describe("P10: an id is enqueued once", () => {
  test("a second task with the id is answered with the first and writes nothing", async () => {
    const queue = api();
    const first = await queue.enqueue({ payload: 1, id: "a", delayMs: 500 });
    const before = await storedRows(queue.name);
    clock.advance(100);
    expect(await queue.enqueue({ payload: 2, id: "a" })).toEqual({ ...first, duplicate: true, state: "delayed" });
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test("the answer says in which state the first is: claimed, dead, done", async () => {
    const queue = api();
    const again = (id: string): Promise<unknown> => queue.enqueue({ payload: 2, id });
    await queue.enqueueAll([{ payload: 1, id: "a", maxAttempts: 1 }]);
    const { claim } = await queue.claimOne();
    expect(await again("a")).toMatchObject({ duplicate: true, state: "claimed" });
    await queue.nack({ claim });
    expect(await again("a")).toMatchObject({ duplicate: true, state: "dead" });
    await queue.enqueue({ payload: 1, id: "b" });
    await queue.ack((await queue.claimOne()).claim);
    expect(await again("b")).toMatchObject({ duplicate: true, state: "done" });
  });

  test("twice in one batch: the second is the duplicate", async () => {
    const queue = api();
    const tasks = await queue.enqueueAll([
      { payload: 1, id: "a" },
      { payload: 2, id: "a" },
      { payload: 3, id: "b" },
    ]);
    expect(tasks.map(({ duplicate }) => duplicate)).toEqual([false, true, false]);
    expect(await queue.counts()).toMatchObject({ ready: 2 });
  });

  test("a finished task's id is a duplicate until the dedupe window ends", async () => {
    const queue = api();
    await queue.configure({ dedupeMs: 1_000 });
    await queue.enqueue({ payload: 1, id: "a" });
    await queue.ack((await queue.claimOne()).claim);
    clock.advance(999);
    expect(await queue.enqueue({ payload: 2, id: "a" })).toMatchObject({ duplicate: true });
    clock.advance(1);
    expect(await queue.enqueue({ payload: 2, id: "a" })).toMatchObject({ duplicate: false });
  });

  test("an id of the queue's own making is a duplicate too", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    expect(await queue.enqueue({ payload: 2, id })).toMatchObject({ id, duplicate: true });
  });
});

test("one bad task refuses its whole batch, and nothing is written", async () => {
  const queue = api();
  expectInvalid(
    await queue.send("POST", "/tasks", { tasks: [{ payload: 1 }, { payload: 2, priority: 101 }] }),
    "tasks[1].priority",
    101,
  );
  expect(await storedRows(queue.name)).toEqual({});
});

test("text and bytes may be sent in JSON, with their content types", async () => {
  const queue = api();
  await queue.enqueueAll([
    { payload: "<a/>", encoding: "text", contentType: "application/xml" },
    { payload: "hello", encoding: "text" },
    { payload: "AAH/", encoding: "base64" },
  ]);
  expect(
    (await queue.claim({ max: 3 })).map(({ payload, encoding, contentType }) => [payload, encoding, contentType]),
  ).toEqual([
    ["<a/>", "text", "application/xml"],
    ["hello", "text", "text/plain;charset=utf-8"],
    ["AAH/", "base64", "application/octet-stream"],
  ]);
});
