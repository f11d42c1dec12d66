// POST /v1/queues/{queue}/ack: an answer for each claim, in order.

import { expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

test("an acked task is gone", async () => {
  const queue = api();
  const { id } = await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne();
  expect(await queue.ack(claim)).toEqual([{ claim, ok: true }]);
  expect((await queue.send("GET", `/tasks/${id}`)).status).toBe(404);
  expect(await queue.counts()).toEqual({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
});

test("each claim of a batch has its own answer: done, lost, or gone", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: "a" }, { payload: "b" }, { payload: "c" }]);
  const [done, expired, gone] = (await queue.claim({ max: 3, claimTimeoutMs: 1_000 })).map(({ claim }) => claim) as [
    string,
    string,
    string,
  ];
  await queue.ack(gone);
  await queue.extend(2_000, done);
  clock.advance(1_000);
  expect(await queue.ack(expired, done, gone, done)).toEqual([
    { claim: expired, ok: false, code: "claim-lost" },
    { claim: done, ok: true },
    { claim: gone, ok: false, code: "task-not-found" },
    { claim: done, ok: false, code: "task-not-found" },
  ]);
});

test("a claim may come as an object, beside bare tokens", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: "a" }, { payload: "b" }]);
  const [first, second] = (await queue.claim({ max: 2 })).map(({ claim }) => claim) as [string, string];
  const { body } = await queue.send("POST", "/ack", { claims: [{ claim: first }, second] });
  expect(body).toEqual({
    results: [
      { claim: first, ok: true },
      { claim: second, ok: true },
    ],
  });
  expectInvalid(await queue.send("POST", "/ack", { claims: [{ claim: first, result: 1 }] }), "claims[0].result");
});

test("P4: one millisecond before the deadline an ack counts, at it it does not", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
  const [first, second] = (await queue.claim({ max: 2, claimTimeoutMs: 1_000 })).map(({ claim }) => claim) as [
    string,
    string,
  ];
  clock.advance(999);
  expect(await queue.ack(first)).toMatchObject([{ ok: true }]);
  clock.advance(1);
  expect(await queue.ack(second)).toMatchObject([{ ok: false, code: "claim-lost" }]);
});

test("P5: of two claims on one task only the later can be acked", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const first = await queue.claimOne({ claimTimeoutMs: 1_000 });
  clock.advance(1_000);
  const second = await queue.claimOne();
  expect(await queue.ack(first.claim)).toMatchObject([{ ok: false, code: "claim-lost" }]);
  expect(await queue.ack(second.claim)).toMatchObject([{ ok: true }]);
});

test("an ack that is refused writes nothing", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne({ claimTimeoutMs: 1_000 });
  clock.advance(1_000);
  const before = await storedRows(queue.name);
  await queue.ack(claim);
  expect(await storedRows(queue.name)).toEqual(before);
});
