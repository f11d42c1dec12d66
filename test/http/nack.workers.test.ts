// POST /v1/queues/{queue}/nack: an answer for each claim, and when its task is offered again.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

test("each claim of a batch has its own answer", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
  const [one, two] = (await queue.claim({ max: 2 })).map(({ claim }) => claim) as [string, string];
  await queue.ack(two);
  expect(await queue.nack(one, { claim: two }, { claim: one, delayMs: 5 })).toEqual([
    { claim: one, ok: true },
    { claim: two, ok: false, code: "task-not-found" },
    { claim: one, ok: false, code: "claim-lost" },
  ]);
});

test("delayMs says when the task is offered again, to the millisecond, with its error", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  await queue.nack({ claim: (await queue.claimOne()).claim, delayMs: 5_000, error: "disk full" });
  clock.advance(4_999);
  expect(await queue.claim()).toEqual([]);
  clock.advance(1);
  expect(await queue.claimOne()).toMatchObject({ attempts: 2, error: "disk full" });
});

test("without delayMs the queue's backoff grows with each attempt", async () => {
  const queue = api();
  await queue.configure({ backoff: { minMs: 100, factor: 3, maxMs: 500, jitter: 0 } });
  await queue.enqueue({ payload: 1 });
  for (const delayMs of [100, 300, 500]) {
    await queue.nack((await queue.claimOne()).claim);
    clock.advance(delayMs - 1);
    expect(await queue.claim()).toEqual([]);
    clock.advance(1);
  }
  expect(await queue.claimOne()).toMatchObject({ attempts: 4 });
});

test("a released task is offered at once, its attempt not counted", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  await queue.nack({ claim: (await queue.claimOne()).claim, release: true });
  expect(await queue.claimOne()).toMatchObject({ attempts: 1, error: null });
});

test("a snoozed task is offered after its delay, its attempt not counted", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1, maxAttempts: 1 });
  await queue.nack({ claim: (await queue.claimOne()).claim, snooze: true, delayMs: 5_000 });
  clock.advance(4_999);
  expect(await queue.claim()).toEqual([]);
  clock.advance(1);
  expect(await queue.claimOne()).toMatchObject({ attempts: 1, error: null });
});

describe("P8: a task is dead", () => {
  test("when its last allowed attempt has failed, not before", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1, maxAttempts: 2 });
    await queue.nack({ claim: (await queue.claimOne()).claim, delayMs: 0 });
    expect(await queue.counts()).toMatchObject({ ready: 1, dead: 0 });
    await queue.nack({ claim: (await queue.claimOne()).claim, delayMs: 0, error: "twice" });
    expect(await queue.counts()).toMatchObject({ ready: 0, dead: 1 });
    const { tasks } = await queue.browse("?state=dead");
    expect(tasks).toMatchObject([{ state: "dead", attempts: 2, error: "twice", diedAt: clock.now() }]);
  });

  test("at once when its consumer says so", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    await queue.nack({ claim: (await queue.claimOne()).claim, dead: true, error: "not JSON" });
    expect(await queue.counts()).toMatchObject({ ready: 0, dead: 1 });
  });
});

test("an error text beyond 1,024 characters is cut, so that no failure is lost over its length", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  await queue.nack({ claim: (await queue.claimOne()).claim, delayMs: 0, error: `${"x".repeat(1_023)}𝄞 and more` });
  const { error } = await queue.claimOne();
  expect(error).toBe(`${"x".repeat(1_023)}\uFFFD`);
});

test.each([
  [{ delayMs: 5, release: true }, "claims[0].release"],
  [{ dead: true, release: true }, "claims[0].release"],
  [{ dead: true, delayMs: 5 }, "claims[0].dead"],
  [{ delayMs: 366 * 86_400_000 + 1 }, "claims[0].delayMs"],
  [{ delayMs: 0.5 }, "claims[0].delayMs"],
  [{ error: 7 }, "claims[0].error"],
  [{ release: 1 }, "claims[0].release"],
  [{ dead: null }, "claims[0].dead"],
  [{ snooze: 1 }, "claims[0].snooze"],
  [{ snooze: true }, "claims[0].snooze"],
  [{ snooze: true, delayMs: 5, release: true }, "claims[0].snooze"],
  [{ snooze: true, delayMs: 5, dead: true }, "claims[0].snooze"],
  [{ snooze: true, delayMs: 5, error: "x" }, "claims[0].snooze"],
  [{ delay: 5 }, "claims[0].delay"],
])("%j is refused and nothing is written", async (more, field) => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne();
  const before = await storedRows(queue.name);
  expectInvalid(await queue.send("POST", "/nack", { claims: [{ claim, ...more }] }), field);
  expect(await storedRows(queue.name)).toEqual(before);
});
