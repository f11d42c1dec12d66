// What is refused about keys: settings, rates, costs and rests. Each refusal names the field, repeats what was given, says what is
// allowed, and changes nothing.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

stoppedClock();

const MONTH_MS = 31 * 86_400_000;
const RATE = { limit: 10, periodMs: 1_000, burst: 2 };

/** A rate with one part that is none, as it stands in the error. */
const BAD_RATES: [rate: unknown, part: string, given: unknown][] = [
  ...["limit", "burst"].flatMap((part): [unknown, string, unknown][] =>
    [0, -1, 0.5, 1_000_001, 1e300, "10", true, null].map((value) => [{ ...RATE, [part]: value }, `.${part}`, value]),
  ),
  ...[0, -1, 1.5, MONTH_MS + 1, "1000"].map((value): [unknown, string, unknown] => [
    { ...RATE, periodMs: value },
    ".periodMs",
    value,
  ]),
  [{ limit: 10, periodMs: 1_000 }, ".burst", undefined],
  [{ ...RATE, perSecond: 1 }, ".perSecond", 1],
  [10, "", 10],
  ["10/s", "", "10/s"],
  [[], "", "an array of 0"],
];

describe.each<[field: string, settings: (rate: unknown) => unknown]>([
  ["rate", (rate) => ({ rate })],
  ["keys.rate", (rate) => ({ keys: { rate } })],
])("%s", (field, settings) => {
  test.each(BAD_RATES)("%j is refused, and creates no queue", async (rate, part, given) => {
    const queue = api();
    expectInvalid(await queue.send("PUT", "", settings(rate)), field + part, given);
    expect(await storedRows(queue.name)).toEqual({});
  });

  test.each([{ limit: 1, periodMs: 1, burst: 1 }, { limit: 1_000_000, periodMs: MONTH_MS, burst: 1_000_000 }, null])(
    "%j is taken",
    async (rate) => {
      expect((await api().configure(settings(rate))).settings).toMatchObject(settings(rate) as object);
    },
  );
});

test("the refusal of a rate says in full what is wrong", async () => {
  const { body } = await api().send("PUT", "", { keys: { rate: { ...RATE, limit: 0 } } });
  expect(body["detail"]).toBe("keys.rate.limit: given 0, allowed: an integer from 1 to 1,000,000");
});

test.each<[keys: unknown, field: string, given: unknown]>([
  [null, "keys", null],
  [[], "keys", "an array of 0"],
  [{ order: "lifo" }, "keys.order", "lifo"],
  [{ order: null }, "keys.order", null],
  [{ order: true }, "keys.order", true],
  [{ concurrency: 0 }, "keys.concurrency", 0],
  [{ concurrency: -1 }, "keys.concurrency", -1],
  [{ concurrency: 1.5 }, "keys.concurrency", 1.5],
  [{ concurrency: 10_001 }, "keys.concurrency", 10_001],
  [{ concurrency: "5" }, "keys.concurrency", "5"],
  [{ order: "fifo", concurrency: 2 }, "keys.concurrency", 2],
  [{ order: "strict", concurrency: 10_000 }, "keys.concurrency", 10_000],
  [{ fairness: "lottery" }, "keys.fairness", "lottery"],
  [{ weight: 2 }, "keys.weight", 2],
])("keys %j is refused, and creates no queue", async (keys, field, given) => {
  const queue = api();
  expectInvalid(await queue.send("PUT", "", { keys }), field, given);
  expect(await storedRows(queue.name)).toEqual({});
});

test("an order that contradicts the concurrency set before is refused, and both stay as they were", async () => {
  const queue = api();
  await queue.configure({ keys: { concurrency: 5 } });
  expectInvalid(await queue.send("PUT", "", { keys: { order: "fifo" } }), "keys.concurrency", 5);
  expect((await queue.view()).settings.keys).toMatchObject({ order: "none", concurrency: 5 });
  await queue.configure({ keys: { order: "fifo", concurrency: 1 } });
  expectInvalid(await queue.send("PUT", "", { keys: { concurrency: 2 } }), "keys.concurrency", 2);
  expect((await queue.view()).settings.keys).toMatchObject({ order: "fifo", concurrency: 1 });
});

test.each<[how: object, field: string]>([
  [{ limitKey: 1, delayMs: 5 }, "claims[0].limitKey"],
  [{ limitKey: true }, "claims[0].limitKey"],
  [{ limitKey: true, delayMs: 5, release: true }, "claims[0].limitKey"],
  [{ limitKey: true, delayMs: 5, dead: true }, "claims[0].limitKey"],
  [{ limitKey: true, delayMs: 5, snooze: true }, "claims[0].limitKey"],
  [{ limitKey: true, delayMs: 5, error: "429" }, "claims[0].limitKey"],
  [{ limitKey: true, delayMs: -1 }, "claims[0].delayMs"],
])("nack with %j is refused, and the claim stays held", async (how, field) => {
  const queue = api();
  await queue.enqueue({ payload: 1, key: "a" });
  const { claim } = await queue.claimOne();
  expectInvalid(await queue.send("POST", "/nack", { claims: [{ claim, ...how }] }), field);
  expect(await queue.counts()).toMatchObject({ claimed: 1 });
});
