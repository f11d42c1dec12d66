// GET /v1/queues/{queue}/tasks: pages of tasks in every state, nothing claimed.

import { describe, expect, test } from "vitest";
import { api, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

/** One task in each state, and one in another lane. */
async function oneOfEach(queue: QueueApi): Promise<void> {
  await queue.enqueue({ payload: "dead" });
  await queue.nack({ claim: (await queue.claimOne()).claim, dead: true, error: "bad" });
  await queue.enqueue({ payload: "claimed" });
  await queue.claimOne({ claimant: "host-1", claimTimeoutMs: 1_000 });
  await queue.enqueueAll([
    { payload: "ready" },
    { payload: "delayed", delayMs: 1_000 },
    { payload: "side", lane: "side" },
  ]);
}

test("each state shows its own tasks, none shows all", async () => {
  const queue = api();
  await oneOfEach(queue);
  const payloadsOf = async (query: string): Promise<string[]> =>
    (await queue.browse(query)).tasks.map(({ payload }) => String(payload)).toSorted();
  expect(await payloadsOf("?state=dead")).toEqual(["dead"]);
  expect(await payloadsOf("?state=claimed")).toEqual(["claimed"]);
  expect(await payloadsOf("?state=ready")).toEqual(["ready", "side"]);
  expect(await payloadsOf("?state=delayed")).toEqual(["delayed"]);
  expect(await payloadsOf("")).toEqual(["claimed", "dead", "delayed", "ready", "side"]);
  expect(await payloadsOf("?lane=side")).toEqual(["side"]);
  expect(await payloadsOf("?lane=main&state=ready")).toEqual(["ready"]);
});

test("the states follow the clock: at its instant a delayed or claimed task is ready", async () => {
  const queue = api();
  await oneOfEach(queue);
  clock.advance(999);
  expect((await queue.browse("?state=ready")).tasks).toHaveLength(2);
  clock.advance(1);
  expect((await queue.browse("?state=ready")).tasks).toHaveLength(4);
});

test("a task is shown with its state, its claimant and its end, without a claim token", async () => {
  const queue = api();
  await oneOfEach(queue);
  const { tasks } = await queue.browse("?state=claimed");
  expect(tasks).toEqual([
    {
      id: expect.any(String) as unknown,
      version: 2,
      state: "claimed",
      lane: "main",
      priority: 0,
      payload: "claimed",
      encoding: "json",
      headers: {},
      attempts: 1,
      maxAttempts: null,
      enqueuedAt: clock.now(),
      visibleAt: clock.now(),
      claimedAt: clock.now(),
      claimedUntil: clock.now() + 1_000,
      claimant: "host-1",
      expiresAt: null,
      diedAt: null,
      error: null,
      origin: null,
    },
  ]);
});

test("browsing claims nothing and writes nothing", async () => {
  const queue = api();
  await oneOfEach(queue);
  const before = await storedRows(queue.name);
  await queue.browse();
  expect(await storedRows(queue.name)).toEqual(before);
});

describe("pages", () => {
  test("the cursor leads through all tasks, each once, and ends in null", async () => {
    const queue = api();
    await queue.enqueueAll(Array.from({ length: 7 }, (_, payload) => ({ payload })));
    await queue.enqueueAll([
      { payload: 7, delayMs: 5 },
      { payload: 8, priority: 1 },
    ]);
    const seen: unknown[] = [];
    for (let cursor: string | null = ""; cursor !== null;) {
      const page = await queue.browse(`?limit=2${cursor === "" ? "" : `&cursor=${cursor}`}`);
      expect(page.tasks.length).toBeLessThanOrEqual(2);
      seen.push(...page.tasks.map(({ payload }) => payload));
      cursor = page.cursor;
    }
    expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test.each(["state=ready", "state=delayed", "state=claimed", "state=dead", "lane=side", "lane=main"])(
    "of %s, one task each, they are those of one page",
    async (filter) => {
      const queue = api();
      await oneOfEach(queue);
      await queue.enqueueAll(
        ["side", "main"].flatMap((lane) => [
          { payload: "of a key", lane, key: "käse / 100 %", priority: -7 },
          { payload: "later, of a key", lane, key: "b", delayMs: 5_000 },
        ]),
      );
      const whole = await queue.browse(`?${filter}`);
      expect(whole.cursor).toBeNull();
      const seen: string[] = [];
      for (let cursor: string | null = ""; cursor !== null;) {
        const page = await queue.browse(`?${filter}&limit=1${cursor === "" ? "" : `&cursor=${cursor}`}`);
        seen.push(...page.tasks.map(({ id }) => id));
        cursor = page.cursor;
      }
      expect(seen).toEqual(whole.tasks.map(({ id }) => id));
    },
  );

  test("a cursor of another state begins with the first page", async () => {
    const queue = api();
    await oneOfEach(queue);
    const { cursor } = await queue.browse("?state=ready&limit=1");
    expect((await queue.browse(`?state=dead&cursor=${cursor}`)).tasks).toHaveLength(1);
  });

  test("a page holds 100 tasks unless asked otherwise, and 1,000 at most", async () => {
    const queue = api();
    await queue.enqueueAll(Array.from({ length: 1_000 }, (_, payload) => ({ payload })));
    await queue.enqueue({ payload: "one more" });
    expect((await queue.browse()).tasks).toHaveLength(100);
    expect((await queue.browse("?limit=1000")).tasks).toHaveLength(1_000);
    expectInvalid(await queue.send("GET", "/tasks?limit=1001"), "limit", 1_001);
  });
});

test("a queue that is not there has no tasks to show", async () => {
  expectProblem(await api().send("GET", "/tasks"), "queue-not-found");
});

test.each([
  ["?state=done", "state", "done"],
  ["?state=", "state", ""],
  ["?state=ready&state=dead", "state", "2 times"],
  ["?lane=-", "lane", "-"],
  ["?limit=0", "limit", 0],
  ["?limit=ten", "limit", "ten"],
  ["?limit=1e2", "limit", "1e2"],
  ["?cursor=", "cursor", ""],
  ["?cursor=-1", "cursor", "-1"],
  ["?cursor=zzzzzzzzzzzz", "cursor", "zzzzzzzzzzzz"],
  ["?cursor=table~1", "cursor", "table~1"],
  ["?cursor=1~1", "cursor", "1~1"],
  ["?cursor=index~1~1~0~_w", "cursor", "index~1~1~0~_w"],
  ["?after=1", "after", "1"],
])("%s is refused", async (query, field, given) => {
  const queue = api();
  await queue.configure({});
  expectInvalid(await queue.send("GET", `/tasks${query}`), field, given);
});
