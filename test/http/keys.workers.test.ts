// Keys over HTTP: how each stands and why its tasks are not offered, what is set for one, and what is refused.

import { describe, expect, test } from "vitest";
import type { WireKey } from "../../src/protocol/wire-key.ts";
import { api, type Answer, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

const NOTHING_SET = { concurrency: null, rate: null, weight: null, paused: false };
const RATE = { limit: 10, periodMs: 1_000, burst: 2 };

async function keyOf(queue: QueueApi, key: string): Promise<WireKey> {
  return (await queue.send<WireKey>("GET", `/keys/${encodeURIComponent(key)}`)).body;
}

function set(queue: QueueApi, key: string, override: unknown): Promise<Answer<WireKey>> {
  return queue.send<WireKey>("PUT", `/keys/${encodeURIComponent(key)}`, override);
}

async function listed(queue: QueueApi, query = ""): Promise<{ keys: string[]; cursor: string | null }> {
  const { body } = await queue.send<{ keys: WireKey[]; cursor: string | null }>("GET", `/keys${query}`);
  return { keys: body.keys.map(({ key }) => key), cursor: body.cursor };
}

async function payloads(queue: QueueApi, max = 10): Promise<unknown[]> {
  return (await queue.claim({ max, claimTimeoutMs: 60_000 })).map(({ payload }) => payload);
}

/** What a task says by itself, and says the same in a page. */
async function limitedOf(queue: QueueApi, id: string): Promise<unknown> {
  const one = (await queue.task(id)).limited;
  const { tasks } = await queue.browse("?limit=1000");
  expect(tasks.find((task) => task.id === id)?.limited).toEqual(one);
  return one;
}

describe("a key", () => {
  test("is shown with its tasks, what holds it back, and what is set for it", async () => {
    const queue = api();
    await queue.configure({ keys: { concurrency: 1 } });
    await queue.enqueueAll([1, 2, 3].map((payload) => ({ payload, key: "a" })));
    await queue.enqueue({ payload: 4, key: "a", delayMs: 5_000 });
    await queue.claimOne();
    expect(await keyOf(queue, "a")).toEqual({
      key: "a",
      ready: 2,
      delayed: 1,
      claimed: 1,
      hasMore: false,
      limited: { by: "concurrency", until: null },
      credit: null,
      override: NOTHING_SET,
      blockedBy: [],
    });
  });

  test("without tasks is as any other, in a queue that exists", async () => {
    const queue = api();
    expectProblem(await queue.send("GET", "/keys/a"), "queue-not-found");
    expectProblem(await queue.send("GET", "/keys"), "queue-not-found");
    await queue.configure({});
    expect(await keyOf(queue, "a")).toMatchObject({ ready: 0, limited: null, override: NOTHING_SET });
    expect(await listed(queue)).toEqual({ keys: [], cursor: null });
  });

  test.each(["a b", "x/y", "x?y=1#z", "100%", "%2F", "ü😀", "a\\b", "..a", "...", "'\"<>", "x".repeat(128)])(
    "may be %j: it is percent-encoded in its path",
    async (key) => {
      const queue = api();
      await queue.enqueue({ payload: 1, key });
      expect(await keyOf(queue, key)).toMatchObject({ key, ready: 1 });
      expect((await set(queue, key, { paused: true })).body).toMatchObject({ key, override: { paused: true } });
      expect(await queue.claim()).toEqual([]);
      const unblocked = await queue.send("POST", `/keys/${encodeURIComponent(key)}/unblock`);
      expect(unblocked).toMatchObject({ status: 200, body: { key } });
      await queue.send("DELETE", `/keys/${encodeURIComponent(key)}`);
      expect((await queue.claimOne()).key).toBe(key);
    },
  );

  test.each([".", "..", "%2e", "%2E%2e"])("named by %s is no path", async (step) => {
    const queue = api();
    await queue.configure({});
    for (const method of ["GET", "PUT", "DELETE"])
      expectProblem(await queue.send(method, `/keys/${step}`, method === "PUT" ? {} : undefined), "not-found");
  });

  test.each(["x".repeat(129), "a%00b", "%0A", "%7F"])("named by %j is refused", async (key) => {
    const queue = api();
    expectInvalid(await queue.send("GET", `/keys/${key}`), "key");
    expectInvalid(await queue.send("PUT", `/keys/${key}`, { paused: true }), "key");
    expectInvalid(await queue.send("POST", `/keys/${key}/unblock`), "key");
    expect(await storedRows(queue.name)).toEqual({});
  });
});

describe("what is set for one key", () => {
  test("holds for it alone, from the next claim on, and leaves what is claimed", async () => {
    const queue = api();
    await queue.configure({ keys: { concurrency: 1 } });
    for (const key of ["a", "b"]) await queue.enqueueAll([1, 2, 3].map((n) => ({ payload: `${key}${n}`, key })));
    expect((await payloads(queue)).toSorted()).toEqual(["a1", "b1"]);
    const { status, body } = await set(queue, "a", { concurrency: 2 });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { claimed: 1, limited: null, override: { concurrency: 2 } },
    });
    expect(await payloads(queue)).toEqual(["a2"]);
    await set(queue, "a", { concurrency: null });
    expect(await keyOf(queue, "a")).toMatchObject({
      claimed: 2,
      limited: { by: "concurrency" },
      override: NOTHING_SET,
    });
  });

  test("is a rate in place of the queue's", async () => {
    const queue = api();
    await queue.configure({ keys: { rate: RATE } });
    await queue.enqueueAll([1, 2, 3, 4].map((payload) => ({ payload, key: "a" })));
    expect((await set(queue, "a", { rate: { ...RATE, burst: 3 } })).body).toMatchObject({ credit: 3 });
    expect(await payloads(queue)).toEqual([1, 2, 3]);
    expect(await keyOf(queue, "a")).toMatchObject({ credit: 0, limited: { by: "rate", until: clock.now() + 100 } });
  });

  test("gives it more turns than others", async () => {
    const queue = api();
    for (const key of ["a", "b"]) await queue.enqueueAll(Array.from({ length: 12 }, () => ({ payload: key, key })));
    await set(queue, "a", { weight: 3 });
    const taken = await payloads(queue, 12);
    expect(taken.filter((payload) => payload === "a")).toHaveLength(9);
  });

  test("changes field by field, and is taken away by null, false or all at once", async () => {
    const queue = api();
    await queue.configure({ keys: { concurrency: 1 } });
    await set(queue, "a", { concurrency: 2, rate: RATE, weight: 5, paused: true });
    expect((await set(queue, "a", { rate: null, paused: false })).body.override).toEqual({
      ...NOTHING_SET,
      concurrency: 2,
      weight: 5,
    });
    expect((await set(queue, "a", {})).body.override).toMatchObject({ concurrency: 2, weight: 5 });
    expect(await listed(queue)).toEqual({ keys: ["a"], cursor: null });
    expect(await queue.send("DELETE", "/keys/a")).toMatchObject({ status: 200, body: { override: NOTHING_SET } });
    expect(await listed(queue)).toEqual({ keys: [], cursor: null });
    expect(await storedRows(queue.name)).toMatchObject({ keys: [] });
  });

  test.each<[settings: object, override: object, field: string, given: unknown]>([
    [{}, { concurrency: 0 }, "concurrency", 0],
    [{}, { concurrency: 10_001 }, "concurrency", 10_001],
    [{}, { concurrency: 1.5 }, "concurrency", 1.5],
    [{}, { concurrency: "2" }, "concurrency", "2"],
    [{}, { rate: { ...RATE, limit: 0 } }, "rate.limit", 0],
    [{}, { rate: { ...RATE, burst: -1 } }, "rate.burst", -1],
    [{}, { rate: { ...RATE, periodMs: 0.5 } }, "rate.periodMs", 0.5],
    [{}, { rate: { ...RATE, limit: 1e15 } }, "rate.limit", 1e15],
    [{}, { rate: 5 }, "rate", 5],
    [{}, { weight: 0 }, "weight", 0],
    [{}, { weight: 101 }, "weight", 101],
    [{}, { weight: 0.5 }, "weight", 0.5],
    [{}, { paused: "yes" }, "paused", "yes"],
    [{}, { order: "fifo" }, "order", "fifo"],
    [{}, { key: "b" }, "key", "b"],
    [{ keys: { order: "fifo", concurrency: null } }, { concurrency: 2 }, "concurrency", 2],
    [{ keys: { order: "strict", concurrency: null } }, { concurrency: 10_000 }, "concurrency", 10_000],
    [{ keys: { concurrency: null } }, { concurrency: 2 }, "concurrency", 2],
    [{ keys: { concurrency: null } }, { rate: RATE }, "rate", RATE],
    [{ keys: { fairness: "none" } }, { weight: 2 }, "weight", 2],
  ])("beside %j may not be %j", async (settings, override, field, given) => {
    const queue = api();
    await queue.configure({ keys: { concurrency: 5 } });
    await queue.configure(settings);
    const before = await storedRows(queue.name);
    const answer = await set(queue, "a", override);
    expectInvalid(answer as unknown as Answer, field, given);
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test("needs a queue that exists", async () => {
    const queue = api();
    expectProblem((await set(queue, "a", { paused: true })) as unknown as Answer, "queue-not-found");
    expectProblem(await queue.send("DELETE", "/keys/a"), "queue-not-found");
    expectProblem(await queue.send("POST", "/keys/a/unblock"), "queue-not-found");
    expect(await storedRows(queue.name)).toEqual({});
  });

  test("an override of limits that the queue has not is refused, saying what comes first", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1, key: "a" });
    const { body } = await queue.send("PUT", "/keys/a", { concurrency: 2 });
    expect(body["detail"]).toBe(
      "concurrency: given 2, allowed: null, until the queue's settings have keys.order, keys.concurrency or keys.rate",
    );
  });
});

describe("the list", () => {
  test("goes page by page, and shows only what is held back, by what", async () => {
    const queue = api();
    await queue.configure({ keys: { concurrency: 1 } });
    const keys = ["a", "b b", "c/c", "ü"];
    await queue.enqueueAll(keys.map((key) => ({ payload: key, key })));
    await set(queue, "z", { paused: true });
    const found: string[] = [];
    for (
      let cursor: string | null = null, query = "?limit=2";
      ;
      query = `?limit=2&cursor=${encodeURIComponent(cursor)}`
    ) {
      const page = await listed(queue, query);
      expect(page.keys.length).toBeLessThanOrEqual(2);
      found.push(...page.keys);
      ({ cursor } = page);
      if (cursor === null) break;
    }
    expect(found).toEqual([...keys.slice(0, 3), "z", "ü"]);
    await queue.claim({ max: 2 });
    expect((await listed(queue, "?limited=concurrency")).keys).toHaveLength(2);
    expect(await listed(queue, "?limited=paused")).toEqual({ keys: ["z"], cursor: null });
    expect((await listed(queue, "?limited=any")).keys).toHaveLength(3);
  });

  test.each([
    ["limited", "maxInFlight"],
    ["limited", ""],
    ["limit", "0"],
    ["limit", "1001"],
    ["cursor", ""],
    ["cursor", "%00"],
    ["key", "a"],
  ])("refuses %s=%s", async (name, value) => {
    expectInvalid(await api().send("GET", `/keys?${name}=${value}`), name);
  });
});

describe("a strict key", () => {
  test("is blocked by its dead task, and unblocked by hand: the dead one stays dead", async () => {
    const queue = api();
    await queue.configure({ keys: { order: "strict" } });
    const { id } = await queue.enqueue({ payload: 1, key: "a" });
    await queue.enqueue({ payload: 2, key: "a" });
    await queue.nack({ claim: (await queue.claimOne()).claim, dead: true });
    expect(await queue.claim()).toEqual([]);
    expect(await keyOf(queue, "a")).toMatchObject({ limited: { by: "blocked", until: null }, blockedBy: [id] });
    const { body } = await queue.send("POST", "/keys/a/unblock", {});
    expect(body).toMatchObject({ limited: null, blockedBy: [] });
    expect(await payloads(queue)).toEqual([2]);
    expect(await queue.task(id)).toMatchObject({ state: "dead" });
  });
});

describe("a rest that a consumer asked for", () => {
  test("shows until when, and ends by hand", async () => {
    const queue = api();
    await queue.enqueueAll([1, 2].map((payload) => ({ payload, key: "a" })));
    await queue.nack({ claim: (await queue.claimOne()).claim, limitKey: true, delayMs: 3_600_000 });
    expect(await keyOf(queue, "a")).toMatchObject({ limited: { by: "limitKey", until: clock.now() + 3_600_000 } });
    await queue.send("POST", "/keys/a/unblock");
    expect(await keyOf(queue, "a")).toMatchObject({ limited: null });
    expect(await payloads(queue)).toEqual([2]);
  });
});

describe("a ready task says why it is not offered", () => {
  test.each<[by: string, settings: object, override: object | null]>([
    ["concurrency", { keys: { concurrency: 1 } }, null],
    ["order", { keys: { order: "fifo" } }, null],
    ["paused", {}, { paused: true }],
  ])("%s of its key", async (by, settings, override) => {
    const queue = api();
    await queue.configure(settings);
    await queue.enqueue({ payload: 1, key: "a" });
    const { id } = await queue.enqueue({ payload: 2, key: "a" });
    expect(await limitedOf(queue, id)).toBeUndefined();
    await queue.claimOne();
    if (override !== null) await set(queue, "a", override);
    expect(await limitedOf(queue, id)).toEqual({ by, of: "key", until: null });
  });

  test("the rate of its key, by its own cost, until the millisecond at which it may be taken", async () => {
    const queue = api();
    await queue.configure({ keys: { rate: RATE } });
    const { id } = await queue.enqueue({ payload: 1, key: "a", cost: 2 });
    await queue.enqueue({ payload: 2, key: "a" });
    await queue.claimOne();
    const [first, second] = (await queue.browse()).tasks;
    expect(first?.id).toBe(id);
    expect(first).not.toHaveProperty("limited");
    expect(second?.limited).toEqual({ by: "rate", of: "key", until: clock.now() + 100 });
    clock.advance(99);
    expect(await queue.claim()).toEqual([]);
    clock.advance(1);
    expect((await queue.browse()).tasks[1]).not.toHaveProperty("limited");
    expect(await payloads(queue)).toEqual([2]);
  });

  test("its queue's pause, limit of claims and rate", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1, id: "plain" });
    await queue.configure({ paused: true });
    expect(await limitedOf(queue, id)).toEqual({ by: "paused", of: "queue", until: null });
    await queue.configure({ paused: false, maxInFlight: 1 });
    expect(await limitedOf(queue, id)).toBeUndefined();
    await queue.enqueue({ payload: 2, priority: 1 });
    await queue.claim({ claimTimeoutMs: 1_000 });
    expect(await limitedOf(queue, id)).toEqual({ by: "maxInFlight", of: "queue", until: null });
    clock.advance(1_000);
    expect(await limitedOf(queue, id)).toBeUndefined();
    await queue.configure({ maxInFlight: 10, rate: { limit: 1, periodMs: 1_000, burst: 1 } });
    await queue.claim({ max: 1 });
    expect(await limitedOf(queue, id)).toEqual({ by: "rate", of: "queue", until: clock.now() + 1_000 });
  });

  test("and says nothing of it in any other state", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1, key: "a" });
    await queue.enqueue({ payload: 2, key: "a", delayMs: 1_000 });
    await queue.enqueue({ payload: 3, key: "a" });
    await queue.nack({ claim: (await queue.claimOne()).claim, dead: true });
    await queue.claimOne();
    await set(queue, "a", { paused: true });
    const { tasks } = await queue.browse();
    expect(tasks.map(({ state }) => state).toSorted()).toEqual(["claimed", "dead", "delayed"]);
    for (const task of tasks) expect(task).not.toHaveProperty("limited");
  });
});
