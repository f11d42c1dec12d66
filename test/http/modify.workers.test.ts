// POST /v1/queues/{queue}/modify: what it takes, what it answers, and what it refuses with which words.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { api, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

const many = (count: number, item: unknown): unknown[] => Array.from({ length: count }, () => item);

const modify = (queue: QueueApi, body: unknown) => queue.send("POST", "/modify", body);

test("one request acks, counts and enqueues the next step", async () => {
  const queue = api();
  await queue.enqueue({ payload: { order: 1 } });
  const held = await queue.claimOne();
  const answer = await modify(queue, {
    delete: [{ claim: held.claim }],
    insert: [{ document: { key: "count:orders", value: { n: 1 } } }, { payload: "invoice", lane: "next", delayMs: 5 }],
  });
  expect(answer.status).toBe(200);
  expect(answer.body).toEqual({
    inserted: [
      { document: { key: "count:orders", version: expect.any(Number) as number } },
      { id: expect.any(String) as string, version: 1, visibleAt: clock.now() + 5, duplicate: false },
    ],
    changed: [],
  });
  const document = await queue.send("GET", "/documents/count:orders");
  expect(document.body).toMatchObject({ key: "count:orders", value: { n: 1 }, createdAt: clock.now() });
  expect(await queue.counts()).toEqual({ ready: 0, delayed: 1, claimed: 0, dead: 0 });
});

test("a change keeps its claim, or gives the task back; both say until when or from when", async () => {
  const queue = api();
  const { id } = await queue.enqueue({ payload: 1 });
  const held = await queue.claimOne({ claimTimeoutMs: 1_000 });
  const kept = await modify(queue, {
    change: [{ claim: held.claim, payload: "half", encoding: "text", keepClaim: true, claimTimeoutMs: 9_000 }],
  });
  expect(kept.body).toEqual({
    inserted: [],
    changed: [{ id, version: 3, visibleAt: expect.any(Number) as number, claimedUntil: clock.now() + 9_000 }],
  });
  expect(await queue.task(id)).toMatchObject({ state: "claimed", payload: "half", version: 3 });
  const back = await modify(queue, { change: [{ claim: held.claim, visibleAt: clock.now() + 7 }] });
  expect(back.body).toMatchObject({ changed: [{ id, version: 4, visibleAt: clock.now() + 7, claimedUntil: null }] });
  const moved = await modify(queue, { change: [{ id, version: 4, lane: "other", headers: { a: "b" } }] });
  expect(moved.body).toMatchObject({ changed: [{ id, version: 5 }] });
});

test("an insert into another queue says that it is on its way, and the outbox shows it until it is there", async () => {
  const queue = api();
  const other = api();
  const answer = await modify(queue, { insert: [{ payload: 7, queue: other.name }] });
  expect(answer.body).toMatchObject({ inserted: [{ queue: other.name, onItsWay: true }] });
  await expect.poll(async () => (await queue.view()).stats.outbox, { timeout: 20_000 }).toBe(0);
  expect((await other.claimOne()).payload).toBe(7);
  await modify(queue, { insert: [{ payload: 8, queue: queue.name }] });
  expect((await queue.claimOne()).payload).toBe(8);
});

test("the outbox tells why, page by page, and takes a retry", async () => {
  const queue = api();
  const gone = api();
  await gone.enqueue({ payload: 1 });
  await gone.send("DELETE", "");
  await modify(queue, { insert: [1, 2, 3].map((payload) => ({ payload, queue: gone.name, id: `t${payload}` })) });
  const refused = async (): Promise<unknown> => {
    const { body } = await queue.send<{ messages: { refusals: number; queue: string }[] }>("GET", "/outbox");
    return body.messages.find((message) => message.queue === gone.name)?.refusals;
  };
  await expect.poll(refused, { timeout: 20_000 }).toBe(1);
  type Page = { messages: { id: string; state: string; error: string | null }[]; cursor: string | null };
  const first = await queue.send<Page>("GET", "/outbox?limit=2");
  expect(first.body.messages).toMatchObject([
    { queue: gone.name, kind: "insert", id: "t1", state: "waiting", error: "the queue is deleted" },
    { id: "t2", refusals: 0, error: null },
  ]);
  const second = await queue.send<Page>("GET", `/outbox?limit=2&cursor=${first.body.cursor}`);
  expect(second.body).toMatchObject({ messages: [{ id: "t3" }], cursor: null });
  expect((await queue.send("POST", "/outbox/retry", { queue: gone.name })).body).toEqual({ messages: 0, more: false });
  expectInvalid(await queue.send("GET", "/outbox?cursor=x"), "cursor", "x");
  expectProblem(await api().send("GET", "/outbox"), "queue-not-found");
});

describe("dependency-failed", () => {
  test("lists every failure with its operation, index, name, reason and version", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    const held = await queue.claimOne();
    await queue.send("PUT", "/documents/k", { value: 1 });
    const before = await storedRows(queue.name);
    const answer = await modify(queue, {
      insert: [{ document: { key: "k", value: 2 } }],
      delete: [
        { id, version: 1 },
        { id: "nobody", version: 1 },
      ],
      depend: [{ document: { key: "other", version: 12 } }],
    });
    expectProblem(answer, "dependency-failed", {
      failures: [
        { operation: "insert", index: 0, key: "k", reason: "colliding", version: expect.any(Number) as number },
        { operation: "delete", index: 0, id, reason: "claimed", version: 2, claimedUntil: held.claimedUntil },
        { operation: "delete", index: 1, id: "nobody", reason: "missing" },
        { operation: "depend", index: 0, key: "other", reason: "missing" },
      ],
      detail: expect.stringMatching(/insert\[0\] \(document k\): colliding.*and 1 more$/) as string,
    });
    expect(await storedRows(queue.name)).toEqual(before);
  });
});

describe("bad input writes nothing", () => {
  const ref = { id: "x", version: 1 };
  test.each([
    ["no reference at all", {}, "body"],
    ["only empty lists", { insert: [], delete: [] }, "body"],
    ["more than 100 references", { insert: many(60, { payload: 1 }), depend: many(41, ref) }, "body"],
    ["a list of more than 100", { delete: many(101, ref) }, "delete"],
    ["a list that is none", { delete: ref }, "delete"],
    ["an unknown field", { remove: [ref] }, "remove"],
    ["a reference without a version", { delete: [{ id: "x" }] }, "delete[0].version"],
    ["a reference without anything", { depend: [{}] }, "depend[0].id"],
    ["a version below 1", { depend: [{ id: "x", version: 0 }] }, "depend[0].version"],
    ["a token of no queue", { delete: [{ claim: "nonsense" }] }, "delete[0].claim"],
    ["a token beside an id", { delete: [{ claim: "abcde-1-0123456789abcdef-1", id: "x" }] }, "delete[0].claim"],
    ["a foreign claim token", { delete: [{ claim: "zzzzz-1-0123456789abcdef-1" }] }, "delete[0].claim"],
    ["another queue's reference", { delete: [{ ...ref, queue: "other" }] }, "delete[0].queue"],
    ["a repeated id", { delete: [ref], depend: [ref] }, "depend[0]"],
    [
      "a repeated document",
      { insert: [{ document: { key: "k", value: 1 } }, { document: { key: "k", value: 1 } }] },
      "insert[1]",
    ],
    ["a change of nothing", { change: [ref] }, "change[0]"],
    ["a kept claim without one", { change: [{ ...ref, lane: "a", keepClaim: true }] }, "change[0].keepClaim"],
    [
      "a kept claim with a delay",
      { change: [{ claim: "abcde-1-0123456789abcdef-1", delayMs: 1, keepClaim: true }] },
      "change[0].keepClaim",
    ],
    [
      "a timeout of no kept claim",
      { change: [{ claim: "abcde-1-0123456789abcdef-1", claimTimeoutMs: 1 }] },
      "change[0].claimTimeoutMs",
    ],
    ["an insert without a payload", { insert: [{ id: "x" }] }, "insert[0].payload"],
    ["a lane outside its pattern", { insert: [{ payload: 1, lane: "a b" }] }, "insert[0].lane"],
    ["a queue outside its pattern", { insert: [{ payload: 1, queue: "@directory" }] }, "insert[0].queue"],
    [
      "a conflict that cannot be",
      { insert: [{ payload: 1, queue: "other", onConflict: "fail" }] },
      "insert[0].onConflict",
    ],
    ["a conflict of no kind", { insert: [{ payload: 1, onConflict: "replace" }] }, "insert[0].onConflict"],
    ["a key outside its pattern", { insert: [{ document: { key: "a b", value: 1 } }] }, "insert[0].document.key"],
    [
      "a key that is too long",
      { depend: [{ document: { key: "k".repeat(129), version: 1 } }] },
      "depend[0].document.key",
    ],
    ["a document without a value", { insert: [{ document: { key: "k" } }] }, "insert[0].document.value"],
    [
      "a document change at version 0",
      { change: [{ document: { key: "k", version: 0, value: 1 } }] },
      "change[0].document.version",
    ],
    ["a field beside a document", { delete: [{ document: { key: "k", version: 1 }, id: "x" }] }, "delete[0].id"],
  ])("%s", async (_, body, field) => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const before = await storedRows(queue.name);
    expectInvalid(await modify(queue, body), field);
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test("a document of 256 KiB is the largest, in a modify and in a PUT", async () => {
    const queue = api();
    const fits = "x".repeat(LIMITS.documentBytes - 2);
    expect((await queue.send("PUT", "/documents/k", { value: fits })).status).toBe(200);
    expectProblem(await queue.send("PUT", "/documents/k", { value: `${fits}x` }), "payload-too-large", {
      field: "value",
    });
    const insert = [{ document: { key: "l", value: `${fits}x` } }];
    expectProblem(await modify(queue, { insert }), "payload-too-large", { field: "insert[0].document.value" });
  });
});

describe("documents", () => {
  test("PUT, GET and DELETE, with and without a version", async () => {
    const queue = api();
    expectProblem(await queue.send("GET", "/documents/k"), "queue-not-found");
    const first = await queue.send<{ version: number }>("PUT", "/documents/k", { value: { a: [1] }, version: 0 });
    expect(first.status).toBe(200);
    const { version } = first.body;
    expectProblem(await queue.send("PUT", "/documents/k", { value: 2, version: version + 1 }), "version-conflict", {
      key: "k",
      version,
    });
    const second = await queue.send<{ version: number }>("PUT", "/documents/k", { value: null, version });
    expect((await queue.send("GET", "/documents/k")).body).toMatchObject({ value: null, version: second.body.version });
    expectProblem(await queue.send("DELETE", `/documents/k?version=${version}`), "version-conflict");
    expect((await queue.send("DELETE", `/documents/k?version=${second.body.version}`)).body).toEqual({ key: "k" });
    expectProblem(await queue.send("DELETE", "/documents/k"), "document-not-found", { key: "k" });
    expectProblem(await queue.send("GET", "/documents/k"), "document-not-found", { key: "k" });
    expectInvalid(await queue.send("GET", "/documents/a%20b"), "key", "a b");
    expectInvalid(await queue.send("PUT", "/documents/k", {}), "value");
    expectInvalid(await queue.send("DELETE", "/documents/k?version=0"), "version", 0);
  });

  test("are listed by prefix, page by page", async () => {
    const queue = api();
    for (const key of ["a:1", "a:2", "a:3", "b"]) await queue.send("PUT", `/documents/${key}`, { value: key });
    type Page = { documents: { key: string; value: string }[]; cursor: string | null };
    const first = await queue.send<Page>("GET", "/documents?prefix=a:&limit=2");
    expect(first.body.documents).toMatchObject([
      { key: "a:1", value: "a:1" },
      { key: "a:2", value: "a:2" },
    ]);
    const second = await queue.send<Page>("GET", `/documents?prefix=a:&limit=2&cursor=${first.body.cursor}`);
    expect(second.body).toMatchObject({ documents: [{ key: "a:3" }], cursor: null });
    expectInvalid(await queue.send("GET", "/documents?prefix=a%20b"), "prefix", "a b");
    expectInvalid(await queue.send("GET", "/documents?limit=0"), "limit", 0);
  });
});
