// GET /v1/queues: the names of the queues that exist, paged. A queue exists from its first write to its deletion.

import { expect, test } from "vitest";
import { api, send, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { alarmAt, ringAlarm, storedRows } from "../workers/object.ts";
import { expectInvalid } from "../workers/problem.ts";

const clock = stoppedClock();

interface Page {
  readonly queues: readonly { readonly name: string; readonly createdAt: number }[];
  readonly cursor: string | null;
}

async function list(query = ""): Promise<Page> {
  return (await send<Page>("GET", `/v1/queues${query}`)).body;
}

/** The names that begin so; other tests of this file have their own beginnings. */
async function namesFrom(prefix: string): Promise<string[]> {
  return (await list("?limit=1000")).queues.map(({ name }) => name).filter((name) => name.startsWith(prefix));
}

/** Waits for the queue's registration, which its object sends at once after the answer. */
async function delivered(queue: QueueApi): Promise<void> {
  while ((await queue.view()).stats.outbox > 0) await ringAlarm(queue.name);
}

test("a queue is listed from its first task on, with when it began, and no more when it is deleted", async () => {
  const queue = api("life-1");
  expect(await namesFrom("life")).toEqual([]);
  await queue.enqueue({ payload: 1 });
  await delivered(queue);
  expect((await list()).queues).toContainEqual({ name: "life-1", createdAt: clock.now() });
  await queue.send("DELETE", "");
  while ((await namesFrom("life")).length > 0) await ringAlarm(queue.name);
  clock.advance(10);
  await queue.configure({});
  await delivered(queue);
  expect((await list()).queues).toContainEqual({ name: "life-1", createdAt: clock.now() });
});

test("names are listed in their order, page by page, each once", async () => {
  const names = ["page-b", "page-a", "page-C", "page-10", "page-9"];
  for (const name of names) {
    await api(name).configure({});
    await delivered(api(name));
  }
  const seen: string[] = [];
  let cursor: string | null = "page-";
  while (cursor !== null) {
    const page = await list(`?limit=2&cursor=${cursor}`);
    expect(page.queues.length).toBeLessThanOrEqual(2);
    seen.push(...page.queues.map(({ name }) => name));
    cursor = page.cursor;
  }
  expect(seen.filter((name) => name.startsWith("page-"))).toEqual(names.toSorted());
});

test("P9: a registration that could not leave at once is in the outbox, and the alarm looks after it within a second", async () => {
  const queue = api("watched");
  await queue.enqueue({ payload: 1 });
  expect(await alarmAt(queue.name)).toBeLessThanOrEqual(clock.now() + 1_000);
});

test("what does not write makes no queue: nothing is listed and nothing is stored", async () => {
  const queue = api("unmade");
  const requests: [string, string, unknown?][] = [
    ["GET", ""],
    ["GET", "/tasks"],
    ["GET", "/tasks/a"],
    ["PATCH", "/tasks/a", { version: 1, payload: 1 }],
    ["DELETE", "/tasks/a"],
    ["DELETE", ""],
    ["POST", "/claim", {}],
    ["POST", "/ack", { claims: ["aaaaa-1-0123456789abcdef-1"] }],
    ["POST", "/nack", { claims: ["aaaaa-1-0123456789abcdef-1"] }],
    ["POST", "/extend", { claims: ["aaaaa-1-0123456789abcdef-1"], claimTimeoutMs: 1 }],
    ["POST", "/purge"],
    ["POST", "/redrive", {}],
    ["POST", "/tasks", { payload: 1, delayMs: -1 }],
    ["POST", "/tasks", "{"],
    ["PUT", "", { maxAttempts: 0 }],
    ["PUT", "/tasks", {}],
  ];
  for (const [method, rest, body] of requests) {
    const { status } = await queue.send(method, rest, body);
    expect(`${method} ${rest} ${status}`).toMatch(/ (200|400|404|405)$/);
    clock.advance(1);
  }
  const init = { method: "POST", body: `{"waitMs":10}`, headers: { "content-type": "application/json" } };
  const waiting = await queue.fetch("/claim", init);
  clock.advance(10);
  await waiting.text();
  expect(await storedRows(queue.name)).toEqual({});
  expect(await alarmAt(queue.name)).toBeNull();
  expect(await namesFrom("unmade")).toEqual([]);
});

test.each([
  ["?limit=0", "limit", 0],
  ["?limit=1001", "limit", 1_001],
  ["?limit=-1", "limit", -1],
  ["?cursor=-", "cursor", "-"],
  ["?cursor=", "cursor", ""],
  ["?prefix=a", "prefix", "a"],
])("%s is refused", async (query, field, given) => {
  expectInvalid(await send("GET", `/v1/queues${query}`), field, given);
});
