// POST /v1/queues/{queue}/extend: claims are kept longer, each with its own answer.

import { expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

test("an extended claim lasts from now, and no longer than it says", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne({ claimTimeoutMs: 1_000 });
  clock.advance(999);
  expect(await queue.extend(5_000, claim)).toEqual([{ claim, ok: true, claimedUntil: clock.now() + 5_000 }]);
  clock.advance(4_999);
  expect(await queue.claim()).toEqual([]);
  clock.advance(1);
  expect(await queue.claim()).toHaveLength(1);
});

test("a claim may be extended to end sooner", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne();
  await queue.extend(10, claim);
  clock.advance(10);
  expect(await queue.claim()).toHaveLength(1);
});

test("each claim of a batch has its own answer: extended, lost, or gone", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
  const [kept, lost, gone] = (await queue.claim({ max: 3 })).map(({ claim }) => claim) as [string, string, string];
  await queue.ack(gone);
  await queue.nack({ claim: lost, delayMs: 0 });
  expect(await queue.extend(1_000, kept, lost, gone)).toEqual([
    { claim: kept, ok: true, claimedUntil: clock.now() + 1_000 },
    { claim: lost, ok: false, code: "claim-lost" },
    { claim: gone, ok: false, code: "task-not-found" },
  ]);
});

test("P4: a claim at its deadline can no longer be extended", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne({ claimTimeoutMs: 1_000 });
  clock.advance(1_000);
  expect(await queue.extend(1_000, claim)).toEqual([{ claim, ok: false, code: "claim-lost" }]);
});

test.each([
  [{}, "claimTimeoutMs", undefined],
  [{ claimTimeoutMs: -1 }, "claimTimeoutMs", -1],
  [{ claimTimeoutMs: 43_200_001 }, "claimTimeoutMs", 43_200_001],
  [{ claimTimeoutMs: "1000" }, "claimTimeoutMs", "1000"],
  [{ claimTimeoutMs: null }, "claimTimeoutMs", null],
])("%j is refused and nothing is written", async (more, field, given) => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne();
  const before = await storedRows(queue.name);
  expectInvalid(await queue.send("POST", "/extend", { claims: [claim], ...more }), field, given);
  expect(await storedRows(queue.name)).toEqual(before);
});
