// What divided calls answer over HTTP and in frames, when the disk is full in a later turn: the tasks that were acked are named.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ObjectSql } from "../../src/object/object-sql.ts";
import { api, type QueueApi } from "../workers/api.ts";
import { expectProblem } from "../workers/problem.ts";
import { SocketClient } from "../workers/socket-client.ts";

const BYTES = 1_000;
const PER_TURN = 2;
const { turnFreedBytes } = LIMITS;

beforeEach(() => {
  Object.assign(LIMITS, { turnFreedBytes: PER_TURN * BYTES });
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  Object.assign(LIMITS, { turnFreedBytes });
  vi.restoreAllMocks();
});

/** The claims of three tasks, of which two are acked in a turn; the next finds the disk full. */
async function threeClaims(queue: QueueApi): Promise<[string, string, string]> {
  await queue.configure({ dedupeMs: 0 });
  const payload = "x".repeat(BYTES);
  await queue.enqueueAll(["a", "b", "c"].map((id) => ({ id, payload })));
  const claims = (await queue.claim({ max: 3 })).map(({ claim }) => claim);
  let deletions = 0;
  // oxlint-disable-next-line typescript/unbound-method
  const run = ObjectSql.prototype.run;
  vi.spyOn(ObjectSql.prototype, "run").mockImplementation(function (this: ObjectSql, statement, ...parameters) {
    if (statement.startsWith("DELETE FROM tasks") && (deletions += 1) > 1)
      throw new Error("database or disk is full: SQLITE_FULL");
    return run.call(this, statement, ...parameters);
  });
  return claims as [string, string, string];
}

const done = (...claims: string[]) => claims.map((claim) => ({ claim, ok: true }));

test("over HTTP: the problem says which tasks were acked, and the same call later acks the rest", async () => {
  const queue = api();
  const claims = await threeClaims(queue);
  const answer = await queue.send("POST", "/ack", { claims });
  expectProblem(answer, "storage-full", { results: done(claims[0], claims[1]), retryAfterMs: 10_000 });
  expect(answer.headers.get("retry-after")).toBe("10");
  vi.restoreAllMocks();
  expect(await queue.ack(claims[2])).toEqual(done(claims[2]));
});

test("in a frame: the same problem", async () => {
  const queue = api();
  const socket = await SocketClient.open(queue.name);
  const claims = await threeClaims(queue);
  const answer = await socket.ask("ack", { claims });
  expect(answer).toMatchObject({ problem: { code: "storage-full", results: done(claims[0], claims[1]) } });
});

test("an enqueue that finds the storage full is a 507 that says when to come again, and changes nothing", async () => {
  const queue = api();
  await queue.configure({});
  // oxlint-disable-next-line typescript/unbound-method
  const run = ObjectSql.prototype.run;
  vi.spyOn(ObjectSql.prototype, "run").mockImplementation(function (this: ObjectSql, statement, ...parameters) {
    if (statement.startsWith("INSERT INTO tasks")) throw new Error("database or disk is full: SQLITE_FULL");
    return run.call(this, statement, ...parameters);
  });
  const answer = await queue.send("POST", "/tasks", { payload: 1 });
  expectProblem(answer, "storage-full", { retryAfterMs: 10_000 });
  vi.restoreAllMocks();
  expect(await queue.counts()).toEqual({ ready: 0, delayed: 0, claimed: 0, dead: 0 });
});
