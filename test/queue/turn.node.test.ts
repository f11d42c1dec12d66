// What a turn promises those who are in it, over a whole queue: room, and that nothing leaves before its commit.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { OBJECT_PARTS } from "../../src/core/held-bytes.ts";
import { inputBytes } from "../../src/core/input-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { ack, claimOne, configure, counts, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

/** Bytes that may wait for their turn. */
const ROOM = OBJECT_PARTS.requests;

let queue: MemoryQueue;
beforeEach(() => {
  queue = new MemoryQueue();
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const OTHER_BYTES = inputBytes({ tasks: [{ payload: '""' }] });

/** Enqueues one task that takes so many bytes. @returns what kind of answer came */
async function enqueueBytes(bytes: number): Promise<string> {
  return (await queue.operate("enqueue", { tasks: [{ payload: `"${"x".repeat(bytes - OTHER_BYTES)}"` }] })).kind;
}

test("an effect that throws keeps no other of its turn from happening, nor a later turn", async () => {
  const happened: string[] = [];
  const failing = queue.queue.run("failing", (turn) => {
    turn.afterCommit(() => {
      throw new Error("the socket is gone");
    });
    turn.afterCommit(() => happened.push("the next effect"));
  });
  const answers = await Promise.all([failing, enqueue(queue, task(1)), counts(queue)]);
  expect(happened).toEqual(["the next effect"]);
  expect(answers[2]).toEqual([1, 0, 0, 0]);
  expect(await claimOne(queue)).toMatchObject({ payload: "1", attempts: 1 });
});

test("a claim whose turn fails after it is answered with the claim that was written in the end", async () => {
  await enqueue(queue, task(1));
  const claiming = claimOne(queue);
  const failing = queue.queue.run("failing", () => {
    throw new Error("a bug");
  });
  await expect(failing).rejects.toThrow("a bug");
  expect(await ack(queue, await claiming)).toEqual(["ok"]);
});

test("of more calls than may wait for their turn the last is refused, and others are let in after it", async () => {
  await configure(queue, {});
  const calls = Array.from({ length: LIMITS.waitingJobs + 1 }, () => queue.operate("getTask", { id: "none" }));
  const kinds = (await Promise.all(calls)).map(({ kind }) => kind);
  expect(kinds.lastIndexOf("task-not-found")).toBe(LIMITS.waitingJobs - 1);
  expect(kinds.indexOf("overloaded")).toBe(LIMITS.waitingJobs);
  expect((await queue.operate("getTask", { id: "none" })).kind).toBe("task-not-found");
});

test("of more bytes than may wait those beyond are refused, and smaller ones are let in", async () => {
  const third = Math.floor(ROOM / 3);
  const kinds = await Promise.all([third, third, ROOM - 2 * third - 1_000, 1_001, 1_000].map(enqueueBytes));
  expect(kinds).toEqual(["enqueued", "enqueued", "enqueued", "overloaded", "enqueued"]);
  expect(await enqueueBytes(ROOM)).toBe("enqueued");
});

test("a call larger than all that may wait is refused for good, and keeps no other out", async () => {
  expect(await Promise.all([enqueueBytes(ROOM + 1), enqueueBytes(1_000)])).toEqual(["invalid", "enqueued"]);
});

const TEXT = "x".repeat(LIMITS.headerValueLength);
const HEADERS = Object.fromEntries(Array.from({ length: LIMITS.headerCount }, (_, n) => [`header-${n}`, TEXT]));
const MANY = Array.from({ length: 1_000 }, (_, n) => n);

test.each<[what: string, input: unknown, least: number]>([
  ["headers", { tasks: MANY.map(() => ({ payload: "1", headers: HEADERS })) }, 32_768_000],
  ["errors of claims that are given back", { claims: MANY.map(() => ({ error: TEXT })) }, 1_024_000],
  ["errors beside acks", { acks: [], nacks: MANY.map(() => ({ error: TEXT })) }, 1_024_000],
  ["headers of a change", { id: "a", version: 1, change: { headers: HEADERS } }, 32_768],
  ["tasks and headers within a modify", { insert: [{ task: { payload: TEXT, headers: HEADERS } }] }, 33_792],
  ["documents within a modify", { insert: [{ document: { key: "a", value: TEXT } }] }, 1_024],
  ["rows that are imported", { records: MANY.map(() => ({ table: "tasks", row: { payload: TEXT } })) }, 1_024_000],
  ["bytes that are imported", { records: [{ table: "tasks", row: { payload: { base64: TEXT } } }] }, 1_024],
  ["tasks of next to nothing", { tasks: MANY.map(() => ({ payload: "1" })) }, 50_000],
])("%s are held like payloads", (_what, input, least) => {
  expect(inputBytes(input)).toBeGreaterThanOrEqual(least);
});

test("bytes of calls whose turn throws are given back", async () => {
  const bad = queue.queue.run(
    "bad",
    () => {
      throw new Error("a bug");
    },
    ROOM / 2,
  );
  const beside = enqueueBytes(ROOM / 2);
  await expect(bad).rejects.toThrow("a bug");
  expect(await beside).toBe("enqueued");
  expect(await enqueueBytes(ROOM)).toBe("enqueued");
  // Nothing is left of the failed turn's bytes either way: a call more is refused.
  expect(await Promise.all([enqueueBytes(ROOM), enqueueBytes(1_000)])).toEqual(["enqueued", "overloaded"]);
});

test("a turn answers a bounded number of requests, however little each of them takes", async () => {
  const turns = [0];
  queue.queue.watch({ committed: () => turns.push(0), rolledBack: () => {} });
  const asked = Array.from({ length: 5_000 }, () =>
    queue.queue.run("request", () => (turns[turns.length - 1] = 1 + (turns.at(-1) ?? 0))),
  );
  await Promise.all(asked);
  expect(turns).toEqual([LIMITS.turnJobs, LIMITS.turnJobs, 1_000, 0]);
});
