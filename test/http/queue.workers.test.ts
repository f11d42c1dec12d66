// PUT, GET and DELETE /v1/queues/{queue}, pause, resume and purge: a queue as a whole.

import { describe, expect, test } from "vitest";
import { DEFAULT_SETTINGS } from "../../src/core/settings.ts";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

describe("settings", () => {
  test("a queue begins with the defaults", async () => {
    const queue = api();
    const { status, body } = await queue.send("PUT", "", {});
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { name: queue.name, createdAt: clock.now(), settings: DEFAULT_SETTINGS },
    });
  });

  test("what is given changes, all else stays", async () => {
    const queue = api();
    await queue.configure({ maxAttempts: 3, backoff: { minMs: 5 } });
    const { settings } = await queue.configure({ retentionMs: null, backoff: { factor: 1.5 } });
    expect(settings).toEqual({
      ...DEFAULT_SETTINGS,
      maxAttempts: 3,
      retentionMs: null,
      backoff: { ...DEFAULT_SETTINGS.backoff, minMs: 5, factor: 1.5 },
    });
    expect((await queue.view()).settings).toEqual(settings);
  });

  test("every setting takes the first and the last of its range", async () => {
    const queue = api();
    const first = {
      claimTimeoutMs: 0,
      maxAttempts: 1,
      backoff: { minMs: 0, maxMs: 0, factor: 1, jitter: 0 },
      deadLetterQueue: "d",
      retentionMs: 1_000,
      dedupeMs: 0,
      maxBacklog: 1,
      maxInFlight: 1,
      paused: true,
      limits: { requestsPerSecond: 1, tasksPerSecond: 1, rowsPerSecond: 1, parkedClaims: 0, sockets: 0 },
    };
    const last = {
      claimTimeoutMs: 43_200_000,
      maxAttempts: 1_000,
      backoff: { minMs: 43_200_000, maxMs: 43_200_000, factor: 10, jitter: 1 },
      deadLetterQueue: "D".repeat(80),
      retentionMs: 366 * 86_400_000,
      dedupeMs: 7 * 86_400_000,
      maxBacklog: 100_000_000,
      maxInFlight: 120_000,
      paused: false,
      limits: {
        requestsPerSecond: 1_000_000,
        tasksPerSecond: 1_000_000,
        rowsPerSecond: 1_000_000,
        parkedClaims: 10_000,
        sockets: 32_768,
      },
    };
    const limits = DEFAULT_SETTINGS.limits;
    const none = { maxAttempts: null, deadLetterQueue: null, retentionMs: null, maxBacklog: null, limits };
    for (const settings of [first, last, none])
      expect((await queue.configure(settings)).settings).toMatchObject(settings);
  });

  test.each([
    [{ claimTimeoutMs: -1 }, "claimTimeoutMs", -1],
    [{ claimTimeoutMs: 43_200_001 }, "claimTimeoutMs", 43_200_001],
    [{ claimTimeoutMs: null }, "claimTimeoutMs", null],
    [{ maxAttempts: 0 }, "maxAttempts", 0],
    [{ maxAttempts: 1_001 }, "maxAttempts", 1_001],
    [{ maxAttempts: "5" }, "maxAttempts", "5"],
    [{ backoff: null }, "backoff", null],
    [{ backoff: [] }, "backoff", "an array of 0"],
    [{ backoff: { minMs: -1 } }, "backoff.minMs", -1],
    [{ backoff: { maxMs: 43_200_001 } }, "backoff.maxMs", 43_200_001],
    [{ backoff: { minMs: 10, maxMs: 9 } }, "backoff.maxMs", 9],
    [{ backoff: { factor: 0.9 } }, "backoff.factor", 0.9],
    [{ backoff: { factor: 10.1 } }, "backoff.factor", 10.1],
    [{ backoff: { jitter: 1.01 } }, "backoff.jitter", 1.01],
    [{ backoff: { jitter: "0" } }, "backoff.jitter", "0"],
    [{ backoff: { max: 1 } }, "backoff.max", 1],
    [{ deadLetterQueue: "" }, "deadLetterQueue", ""],
    [{ deadLetterQueue: "@directory" }, "deadLetterQueue", "@directory"],
    [{ retentionMs: 999 }, "retentionMs", 999],
    [{ dedupeMs: 7 * 86_400_000 + 1 }, "dedupeMs", 7 * 86_400_000 + 1],
    [{ dedupeMs: null }, "dedupeMs", null],
    [{ maxBacklog: 0 }, "maxBacklog", 0],
    [{ maxInFlight: 120_001 }, "maxInFlight", 120_001],
    [{ maxInFlight: null }, "maxInFlight", null],
    [{ paused: "true" }, "paused", "true"],
    [{ paused: null }, "paused", null],
    [{ limits: null }, "limits", null],
    [{ limits: { requestsPerSecond: 0 } }, "limits.requestsPerSecond", 0],
    [{ limits: { tasksPerSecond: 0.5 } }, "limits.tasksPerSecond", 0.5],
    [{ limits: { rowsPerSecond: 1_000_001 } }, "limits.rowsPerSecond", 1_000_001],
    [{ limits: { parkedClaims: 10_001 } }, "limits.parkedClaims", 10_001],
    [{ limits: { sockets: -1 } }, "limits.sockets", -1],
    [{ limits: { requests: 1 } }, "limits.requests", 1],
    [{ visibilityTimeout: 30 }, "visibilityTimeout", 30],
  ])("%j is refused, and creates no queue", async (settings, field, given) => {
    const queue = api();
    expectInvalid(await queue.send("PUT", "", settings), field, given);
    expect(await storedRows(queue.name)).toEqual({});
  });

  test("a queue cannot be its own dead-letter queue", async () => {
    const queue = api();
    expectInvalid(await queue.send("PUT", "", { deadLetterQueue: queue.name }), "deadLetterQueue", queue.name);
  });
});

test("the stats count every task in its state, by lane and in all", async () => {
  const queue = api();
  await queue.enqueueAll([
    ...[1, 2, 3, 4].map((payload) => ({ payload })),
    { payload: 5, delayMs: 1_000 },
    { payload: 6, lane: "side" },
    { payload: 7, lane: "side", delayMs: 2_000 },
  ]);
  const [dead] = await queue.claim({ max: 2 });
  await queue.nack({ claim: dead?.claim ?? "", dead: true });
  clock.advance(400);
  const { stats } = await queue.view();
  expect(stats).toEqual({
    ready: 3,
    delayed: 2,
    claimed: 1,
    dead: 1,
    oldestReadyAgeMs: 400,
    bytes: expect.any(Number) as unknown,
    outbox: expect.any(Number) as unknown,
    budgetReached: null,
    alarmSlowedMs: 0,
    slowedTask: null,
    lanes: {
      main: { ready: 2, delayed: 1, claimed: 1, dead: 1 },
      side: { ready: 1, delayed: 1, claimed: 0, dead: 0 },
    },
  });
  expect(stats.bytes).toBeGreaterThan(0);
  clock.advance(600);
  expect((await queue.view()).stats).toMatchObject({ ready: 4, delayed: 1, oldestReadyAgeMs: 1_000 });
});

test("an empty queue has no oldest task", async () => {
  expect((await api().configure({})).stats).toMatchObject({
    ready: 0,
    oldestReadyAgeMs: null,
    lanes: { main: { ready: 0 } },
  });
});

test("a queue that is not there: looking, purging, redriving and deleting find nothing, and make nothing", async () => {
  const queue = api();
  expectProblem(await queue.send("GET", ""), "queue-not-found", {
    queue: queue.name,
    detail: `"${queue.name}" is created by its first task, or by PUT of its settings`,
  });
  expectProblem(await queue.send("POST", "/purge"), "queue-not-found", { queue: queue.name });
  expectProblem(await queue.send("POST", "/redrive", {}), "queue-not-found");
  expectProblem(await queue.send("DELETE", ""), "queue-not-found");
  expect(await storedRows(queue.name)).toEqual({});
});

test("pause and resume answer with the queue, and repeating them changes nothing", async () => {
  const queue = api();
  for (const [action, paused] of [
    ["pause", true],
    ["pause", true],
    ["resume", false],
    ["resume", false],
  ] as const) {
    const { status, body } = await queue.send("POST", `/${action}`);
    expect({ status, body }).toMatchObject({ status: 200, body: { name: queue.name, settings: { paused } } });
  }
});

test("a paused queue takes tasks in, and acks of what was claimed before", async () => {
  const queue = api();
  await queue.enqueue({ payload: 1 });
  const { claim } = await queue.claimOne();
  await queue.send("POST", "/pause");
  expect(await queue.ack(claim)).toMatchObject([{ ok: true }]);
  await queue.enqueue({ payload: 2 });
  expect(await queue.counts()).toMatchObject({ ready: 1 });
});

test("a queue that holds maxBacklog tasks refuses more, all of a batch, until there is room", async () => {
  const queue = api();
  await queue.configure({ maxBacklog: 3 });
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }]);
  const answer = await queue.send("POST", "/tasks", { tasks: [{ payload: 3 }, { payload: 4 }] });
  expectProblem(answer, "queue-full", { what: "tasks", limit: 3 });
  expect(await queue.counts()).toMatchObject({ ready: 2 });
  await queue.ack((await queue.claimOne()).claim);
  await queue.enqueueAll([{ payload: 3 }, { payload: 4 }]);
});

describe("purge", () => {
  test("deletes every task and tells how many; the settings stay", async () => {
    const queue = api();
    await queue.configure({ maxAttempts: 1 });
    await queue.enqueueAll([{ payload: 1 }, { payload: 2 }, { payload: 3, delayMs: 5 }, { payload: 4, lane: "side" }]);
    const [dead, claimed] = await queue.claim({ max: 2 });
    await queue.nack(dead?.claim);
    expect((await queue.send("POST", "/purge")).body).toEqual({ tasks: 4 });
    expect(await queue.counts()).toEqual({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
    expect(await queue.ack(claimed?.claim ?? "")).toMatchObject([{ ok: false, code: "task-not-found" }]);
    expect((await queue.view()).settings.maxAttempts).toBe(1);
    await queue.enqueue({ payload: 5 });
    expect(await queue.claimOne()).toMatchObject({ payload: 5 });
  });
});

describe("DELETE", () => {
  test("the queue is gone with its tasks and settings, and tells how many tasks there were", async () => {
    const queue = api();
    await queue.configure({ paused: true });
    await queue.enqueueAll([{ payload: 1 }, { payload: 2, delayMs: 5 }]);
    expect(await queue.send("DELETE", "")).toMatchObject({ status: 200, body: { tasks: 2 } });
    expectProblem(await queue.send("GET", ""), "queue-not-found");
    expectProblem(await queue.send("GET", "/tasks"), "queue-not-found");
    expect(await queue.claim()).toEqual([]);
  });

  test("what is enqueued next begins a new queue, in which old ids and tokens mean nothing", async () => {
    const queue = api();
    await queue.configure({ maxAttempts: 1 });
    const own = await queue.enqueue({ payload: "old" });
    await queue.enqueue({ payload: "old", id: "a" });
    const { claim } = await queue.claimOne();
    await queue.send("DELETE", "");
    clock.advance(1);
    expect(await queue.ack(claim)).toEqual([{ claim, ok: false, code: "task-not-found" }]);

    const next = await queue.enqueue({ payload: "new", id: "a" });
    expect(next).toMatchObject({ id: "a", duplicate: false });
    expect((await queue.view()).settings).toEqual(DEFAULT_SETTINGS);
    expectProblem(await queue.send("GET", `/tasks/${own.id}`), "task-not-found", { id: own.id });
    expect(await queue.nack(claim)).toEqual([{ claim, ok: false, code: "task-not-found" }]);
    expect(await queue.claimOne()).toMatchObject({ payload: "new", attempts: 1 });
    expect(await queue.extend(1_000, claim)).toEqual([{ claim, ok: false, code: "task-not-found" }]);
  });
});

test.each(["/pause", "/resume", "/purge"])(
  "%s takes no fields and no parameters: they would be passed over",
  async (action) => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const before = await storedRows(queue.name);
    expectInvalid(await queue.send("POST", action, { lane: "side" }), "lane", "side");
    expectInvalid(await queue.send("POST", `${action}?state=dead`), "state", "dead");
    expectInvalid(await queue.send("POST", action, []), "body", "an array of 0");
    expect(await storedRows(queue.name)).toEqual(before);
  },
);

test("deleting a queue takes no fields and no parameters either", async () => {
  const queue = api();
  await queue.configure({});
  expectInvalid(await queue.send("DELETE", "?force=true"), "force", "true");
  expectInvalid(await queue.send("DELETE", "", { ifEmpty: true }), "ifEmpty", true);
  expectInvalid(await queue.send("GET", "?stats=false"), "stats", "false");
  expect((await queue.view()).name).toBe(queue.name);
});
