// The keys of tasks count milliseconds until November 2059. A server whose clock says later, as one that was set wrongly does, is
// told so and loses nothing; once its clock has been set, it goes on.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LAST_AT } from "../../src/core/sequence.ts";
import { api } from "../workers/api.ts";
import { ringAlarm, storedRows } from "../workers/object.ts";
import { expectProblem } from "../workers/problem.ts";

const NOW = Date.now();
beforeEach(() => vi.useFakeTimers({ toFake: ["Date"], now: NOW }));
afterEach(() => vi.useRealTimers());

test("the last instant is in November 2059, and a queue works at it", async () => {
  expect(new Date(LAST_AT).toISOString()).toMatch(/^2059-11-/);
  vi.setSystemTime(LAST_AT);
  const queue = api();
  await queue.enqueueAll(Array.from({ length: 1_000 }, (_, payload) => ({ payload })));
  const tasks = await queue.claim({ max: 1_000 });
  expect(tasks.map(({ payload }) => payload)).toEqual(Array.from({ length: 1_000 }, (_, index) => index));
  expect(await queue.ack(...tasks.map(({ claim }) => claim))).toHaveLength(1_000);
});

test("a millisecond later nothing is taken, claimed or removed, and the reason is answered", async () => {
  const queue = api();
  await queue.configure({ retentionMs: 1_000 });
  await queue.enqueueAll([{ payload: 1 }, { payload: 2, delayMs: 1_000 }, { payload: 3, ttlMs: 1_000 }]);
  const before = await storedRows(queue.name);
  vi.setSystemTime(LAST_AT + 1);
  for (const name of [queue.name, "another"]) {
    const asked = api(name);
    for (const answer of [
      await asked.send("POST", "/tasks", { payload: 4 }),
      await asked.send("POST", "/claim", {}),
      await asked.send("POST", "/claim", { waitMs: 1_000 }),
      await asked.send("GET", ""),
    ]) {
      expectProblem(answer, "overloaded");
      expect(answer.body["detail"]).toMatch(/clock is later than 2059-11-/);
    }
  }
  await ringAlarm(queue.name);
  expect(await storedRows(queue.name)).toEqual(before);
  vi.setSystemTime(NOW + 500);
  expect(await queue.counts()).toEqual({ ready: 2, delayed: 1, claimed: 0, dead: 0 });
  expect((await queue.claim({ max: 10 })).map(({ payload }) => payload)).toEqual([1, 3]);
  const [id] = await api("another").enqueueAll([{ payload: 5 }]);
  expect(id?.visibleAt).toBe(NOW + 500);
});
