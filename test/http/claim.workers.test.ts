// POST /v1/queues/{queue}/claim: what is taken, in which order, until when.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

test("nothing to claim is an empty answer, at once", async () => {
  const queue = api();
  await queue.configure({});
  const { status, headers, body } = await queue.send("POST", "/claim", {});
  expect({ status, body }).toEqual({ status: 200, body: { tasks: [] } });
  expect(headers.get("content-type")).toBe("application/json");
});

test("no body at all claims one task", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
  const response = await queue.fetch("/claim", { method: "POST" });
  expect(await response.json()).toMatchObject({ tasks: [{ payload: 1 }] });
});

test("max is the most that is taken", async () => {
  const queue = api();
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
  expect(await queue.claim({ max: 2 })).toHaveLength(2);
  expect(await queue.claim({ max: 1_000 })).toHaveLength(1);
});

test("P11: higher priorities first, then by the instant each became visible", async () => {
  const queue = api();
  await queue.enqueue({ payload: "delayed", delayMs: 10 });
  clock.advance(5);
  await queue.enqueueAll([{ payload: "plain" }, { payload: "high", priority: 1 }, { payload: "low", priority: -1 }]);
  clock.advance(10);
  await queue.enqueue({ payload: "last" });
  const tasks = await queue.claim({ max: 10 });
  expect(tasks.map(({ payload }) => payload)).toEqual(["high", "plain", "delayed", "last", "low"]);
});

describe("lanes", () => {
  test("only the default lane unless others are named", async () => {
    const queue = api();
    await queue.enqueueAll([{ payload: 1, lane: "side" }, { payload: 2 }]);
    expect((await queue.claim({ max: 10 })).map(({ lane }) => lane)).toEqual(["main"]);
    expect((await queue.claim({ max: 10, lanes: ["side"] })).map(({ lane }) => lane)).toEqual(["side"]);
  });

  test("in the order in which they are named", async () => {
    const queue = api();
    await queue.enqueueAll([
      { payload: 1, lane: "a" },
      { payload: 2, lane: "b" },
    ]);
    const tasks = await queue.claim({ max: 10, lanes: ["b", "a"] });
    expect(tasks.map(({ lane }) => lane)).toEqual(["b", "a"]);
  });

  test("taking turns, so that a long lane leaves room for a short one", async () => {
    const queue = api();
    const long = Array.from({ length: 10 }, (_, payload) => ({ payload, lane: "long" }));
    await queue.enqueueAll([...long, { payload: "short", lane: "short" }]);
    const tasks = await queue.claim({ max: 2, lanes: { any: ["long", "short"] } });
    expect(tasks.map(({ lane }) => lane).toSorted()).toEqual(["long", "short"]);
  });

  test.each(["constructor", "toString", "hasOwnProperty", "valueOf"])(
    "a lane may be named %s, which every object has",
    async (lane) => {
      const queue = api();
      await queue.enqueueAll([
        { payload: 1, lane },
        { payload: 2, lane },
      ]);
      await queue.claimOne({ lanes: [lane] });
      const { lanes } = (await queue.view()).stats;
      expect(lanes).toEqual({
        main: { ready: 0, delayed: 0, claimed: 0, dead: 0 },
        [lane]: { ready: 1, delayed: 0, claimed: 1, dead: 0 },
      });
    },
  );
});

describe("the claim timeout", () => {
  test("is the queue's, unless the claim has its own", async () => {
    const queue = api();
    await queue.configure({ claimTimeoutMs: 700 });
    await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
    expect((await queue.claimOne()).claimedUntil).toBe(clock.now() + 700);
    expect((await queue.claimOne({ claimTimeoutMs: 43_200_000 })).claimedUntil).toBe(clock.now() + 43_200_000);
  });

  test("P3: the task is nobody else's until the very millisecond of its end", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const first = await queue.claimOne({ claimTimeoutMs: 1_000 });
    clock.advance(999);
    expect(await queue.claim()).toEqual([]);
    clock.advance(1);
    const second = await queue.claimOne();
    expect(second).toMatchObject({ id: first.id, attempts: 2, error: "claim expired" });
    expect(second.version).toBeGreaterThan(first.version);
    expect(second.claim).not.toBe(first.claim);
  });
});

test("a paused queue offers nothing, and goes on when it is resumed", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  await queue.send("POST", "/pause");
  expectProblem(await queue.send("POST", "/claim", {}), "queue-paused");
  expectProblem(await queue.send("POST", "/claim", { waitMs: 1_000 }), "queue-paused");
  await queue.send("POST", "/resume");
  expect(await queue.claim()).toHaveLength(1);
});

test("no more tasks are claimed at a time than maxInFlight, one more claim is refused", async () => {
  const queue = api();
  await queue.configure({ maxInFlight: 2 });
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
  const tasks = await queue.claim({ max: 3 });
  expect(tasks).toHaveLength(2);
  expectProblem(await queue.send("POST", "/claim", {}), "too-many-claims", { limit: 2 });
  await queue.ack(...tasks.slice(0, 1).map(({ claim }) => claim));
  expect(await queue.claim({ max: 3 })).toHaveLength(1);
});

test("an answer stays within 16 MiB, and the rest is left for the next claim", async () => {
  const queue = api();
  const payload = "x".repeat(1_000_000);
  for (let n = 0; n < 2; n += 1) await queue.enqueueAll(Array.from({ length: 10 }, () => ({ payload })));
  const first = await queue.claim({ max: 20 });
  const rest = await queue.claim({ max: 20 });
  expect(first.length * payload.length).toBeLessThan(16 * 1_048_576);
  expect(first.length + rest.length).toBe(20);
});

test("what is claimed is in the answer, however its payloads are written in it (P2)", async () => {
  const queue = api();
  // One en dash makes all of a text take two bytes a character, and a byte of text may be written as six.
  const json = { payload: "–".padEnd(100_000, "x") };
  const text = { payload: "\u0001".repeat(100_000), encoding: "text", contentType: "text/plain" };
  for (let n = 0; n < 110; n += 10) {
    await queue.enqueueAll(Array.from({ length: 10 }, () => json));
    await queue.enqueueAll(Array.from({ length: 10 }, () => text));
  }
  const found = [];
  for (let page = await queue.claim({ max: 200 }); page.length > 0; page = await queue.claim({ max: 200 })) {
    found.push(...page);
    await queue.ack(...page.map(({ claim }) => claim));
  }
  expect(found).toHaveLength(220);
  expect(found.every(({ attempts }) => attempts === 1)).toBe(true);
});

describe("what is refused", () => {
  test.each([
    [{ max: 0 }, "max", 0],
    [{ max: 1_001 }, "max", 1_001],
    [{ claimTimeoutMs: 43_200_001 }, "claimTimeoutMs", 43_200_001],
    [{ waitMs: 20_001 }, "waitMs", 20_001],
    [{ waitMs: -1 }, "waitMs", -1],
    [{ claimant: "" }, "claimant", ""],
    [{ claimant: "a\nb" }, "claimant", "a\nb"],
    [{ claimant: "x".repeat(129) }, "claimant", `${"x".repeat(100)}... (129 characters)`],
    [{ lanes: [] }, "lanes", "an array of 0"],
    [{ lanes: "main" }, "lanes", "main"],
    [{ lanes: null }, "lanes", null],
    [{ lanes: Array.from({ length: 33 }, (_, n) => `lane-${n}`) }, "lanes", "an array of 33"],
    [{ lanes: ["a", "b", "a"] }, "lanes[2]", "a"],
    [{ lanes: ["a", "-"] }, "lanes[1]", "-"],
    [{ lanes: {} }, "lanes.any", undefined],
    [{ lanes: { any: ["a"], all: true } }, "lanes.all", true],
    [{ Max: 1 }, "Max", 1],
  ])("%j", async (body, field, given) => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const before = await storedRows(queue.name);
    expectInvalid(await queue.send("POST", "/claim", body), field, given);
    expect(await storedRows(queue.name)).toEqual(before);
  });
});
