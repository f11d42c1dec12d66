// GET, PATCH and DELETE /v1/queues/{queue}/tasks/{id}: looking, changing by version, cancelling.

import { describe, expect, test } from "vitest";
import { api } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

describe("GET", () => {
  test.each(["a", "order/7", "50%", "a b+c", "ü𝄞", "?x=1#y", "...", "a/../b", "x".repeat(128)])(
    "a task is found by its id %j",
    async (id) => {
      const queue = api();
      await queue.enqueue({ payload: 1, id });
      expect(await queue.task(id)).toMatchObject({ id, state: "ready", payload: 1 });
    },
  );

  test("an id that no task has is not found", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    for (const id of ["nope", "aaaaa-00000000000", "__proto__", "constructor"])
      expectProblem(await queue.send("GET", `/tasks/${id}`), "task-not-found", { id });
  });

  test("an id that is none is refused", async () => {
    const queue = api();
    await queue.configure({});
    expectInvalid(await queue.send("GET", `/tasks/${"x".repeat(129)}`), "id");
    expectInvalid(await queue.send("GET", "/tasks/a%00b"), "id", "a\0b");
    expectInvalid(await queue.send("GET", "/tasks/%ff"), "id", "%ff");
    expectInvalid(await queue.send("GET", "/tasks/%ED%A0%80"), "id", "%ED%A0%80");
    expectInvalid(await queue.send("GET", "/tasks/a?version=1"), "version", "1");
  });

  test("a task of a queue that is not there", async () => {
    expectProblem(await api().send("GET", "/tasks/a"), "queue-not-found");
  });
});

describe("an id that a path cannot name", () => {
  test.each([".", ".."])("%j is refused, since deleting it would delete something else", async (id) => {
    const queue = api();
    expectInvalid(await queue.send("POST", "/tasks", { payload: 1, id }), "id", id);
    expect(await storedRows(queue.name)).toEqual({});
  });
});

describe("PATCH", () => {
  test("changes what it names, and the version with it", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1, headers: { a: "1" }, ttlMs: 60_000 });
    const { status, body } = await queue.send("PATCH", `/tasks/${id}`, {
      version: 1,
      payload: { b: 2 },
      priority: 5,
      lane: "fast",
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { id, version: 2, payload: { b: 2 }, priority: 5, lane: "fast", headers: { a: "1" }, state: "ready" },
    });
    expect(await queue.claimOne({ lanes: ["fast"] })).toMatchObject({
      id,
      payload: { b: 2 },
      headers: { a: "1" },
      version: 3,
    });
  });

  test("reschedules to the millisecond, later and sooner", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    await queue.send("PATCH", `/tasks/${id}`, { version: 1, delayMs: 1_000 });
    clock.advance(999);
    expect(await queue.claim()).toEqual([]);
    await queue.send("PATCH", `/tasks/${id}`, { version: 2, visibleAt: clock.now() + 2 });
    clock.advance(1);
    expect(await queue.claim()).toEqual([]);
    clock.advance(1);
    expect(await queue.claim()).toHaveLength(1);
  });

  test("P4: a stale version changes nothing and is answered with the present one", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    await queue.send("PATCH", `/tasks/${id}`, { version: 1, payload: 2 });
    const before = await storedRows(queue.name);
    for (const version of [1, 3]) {
      const answer = await queue.send("PATCH", `/tasks/${id}`, { version, payload: 3 });
      expectProblem(answer, "version-conflict", { id, version: 2, state: "ready", claimedUntil: null });
    }
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test("a claimed task is its claimant's, a dead one is redriven: neither is changed", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    const { claim, claimedUntil } = await queue.claimOne();
    const whileClaimed = await queue.send("PATCH", `/tasks/${id}`, { version: 2, payload: 3 });
    expectProblem(whileClaimed, "version-conflict", { id, version: 2, state: "claimed", claimedUntil });
    await queue.nack({ claim, dead: true });
    const whileDead = await queue.send("PATCH", `/tasks/${id}`, { version: 3, payload: 3 });
    expectProblem(whileDead, "version-conflict", { id, version: 3, state: "dead", claimedUntil: null });
  });

  test("text takes the place of JSON, and JSON of text", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    const change = { payload: "a,b", encoding: "text", contentType: "text/csv" };
    expect((await queue.send("PATCH", `/tasks/${id}`, { version: 1, ...change })).body).toMatchObject(change);
    const { body } = await queue.send("PATCH", `/tasks/${id}`, { version: 2, payload: "a,b" });
    expect(body).toMatchObject({ payload: "a,b", encoding: "json" });
    expect(body).not.toHaveProperty("contentType");
  });

  test("tasks and queues that are not there", async () => {
    const queue = api();
    expectProblem(await queue.send("PATCH", "/tasks/a", { version: 1, payload: 1 }), "queue-not-found");
    await queue.configure({});
    expectProblem(await queue.send("PATCH", "/tasks/a", { version: 1, payload: 1 }), "task-not-found", { id: "a" });
  });

  test.each([
    [{ payload: 1 }, "version", undefined],
    [{ version: 1 }, "body", "no field but version"],
    [{ version: 0, payload: 1 }, "version", 0],
    [{ version: "1", payload: 1 }, "version", "1"],
    [{ version: 1.5, payload: 1 }, "version", 1.5],
    [{ version: 1, delayMs: 1, visibleAt: 1 }, "visibleAt", 1],
    [{ version: 1, visibleAt: 8_640_000_000_000_000 }, "visibleAt", 8_640_000_000_000_000],
    [{ version: 1, ttlMs: 5 }, "ttlMs", 5],
    [{ version: 1, id: "b" }, "id", "b"],
    [{ version: 1, attempts: 0 }, "attempts", 0],
    [{ version: 1, encoding: "text" }, "encoding", "text"],
  ])("%j is refused and nothing is written", async (change, field, given) => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    const before = await storedRows(queue.name);
    expectInvalid(await queue.send("PATCH", `/tasks/${id}`, change), field, given);
    expect(await storedRows(queue.name)).toEqual(before);
  });
});

describe("DELETE", () => {
  test("a task is cancelled: it is gone and never offered", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1, delayMs: 10 });
    expect(await queue.send("DELETE", `/tasks/${id}`)).toMatchObject({ status: 200, body: { id } });
    clock.advance(10);
    expect(await queue.claim()).toEqual([]);
    expectProblem(await queue.send("DELETE", `/tasks/${id}`), "task-not-found", { id });
  });

  test("a version that is given must be the task's", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    expectProblem(await queue.send("DELETE", `/tasks/${id}?version=2`), "version-conflict", { id, version: 1 });
    expect((await queue.send("DELETE", `/tasks/${id}?version=1`)).status).toBe(200);
  });

  test("P5: a claimed task is cancelled by force only, and its holder's ack finds it gone", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    const { claim, claimedUntil } = await queue.claimOne();
    const refused = await queue.send("DELETE", `/tasks/${id}?force=false`);
    expectProblem(refused, "version-conflict", { state: "claimed", version: 2, claimedUntil });
    expect((await queue.send("DELETE", `/tasks/${id}?version=2&force=true`)).status).toBe(200);
    expect(await queue.ack(claim)).toEqual([{ claim, ok: false, code: "task-not-found" }]);
  });

  test("a claim that has expired does not hold its task", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    await queue.claimOne({ claimTimeoutMs: 1_000 });
    clock.advance(1_000);
    expect((await queue.send("DELETE", `/tasks/${id}`)).status).toBe(200);
  });

  test("a dead task is deleted like any other", async () => {
    const queue = api();
    const { id } = await queue.enqueue({ payload: 1 });
    await queue.nack({ claim: (await queue.claimOne()).claim, dead: true });
    expect((await queue.send("DELETE", `/tasks/${id}`)).status).toBe(200);
    expect(await queue.counts()).toMatchObject({ dead: 0 });
  });

  test("P10: its id stays a duplicate for the dedupe window", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1, id: "a" });
    await queue.send("DELETE", "/tasks/a");
    expectProblem(await queue.send("GET", "/tasks/a"), "task-not-found", { id: "a" });
    expect(await queue.enqueue({ payload: 1, id: "a" })).toMatchObject({ duplicate: true });
  });

  test.each([
    ["?version=0", "version", 0],
    ["?version=x", "version", "x"],
    ["?force=1", "force", "1"],
    ["?force", "force", ""],
    ["?force=true&force=true", "force", "2 times"],
    ["?forced=true", "forced", "true"],
  ])("%s is refused and the task stays", async (query, field, given) => {
    const queue = api();
    await queue.enqueue({ payload: 1, id: "a" });
    expectInvalid(await queue.send("DELETE", `/tasks/a${query}`), field, given);
    expect(await queue.counts()).toMatchObject({ ready: 1 });
  });

  test("a version in a body would be passed over, so it is refused", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1, id: "a" });
    expectInvalid(await queue.send("DELETE", "/tasks/a", { version: 7 }), "version", 7);
    expect(await queue.counts()).toMatchObject({ ready: 1 });
  });
});
