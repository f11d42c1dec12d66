// Payloads and bodies at their very limit and one byte past it (P12).

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { answerOf, api, type Answer, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectProblem } from "../workers/problem.ts";

stoppedClock();

const { payloadBytes, bodyBytes } = LIMITS;

function inGroups(bytes: number): string {
  return bytes.toLocaleString("en");
}

async function enqueueRaw(queue: QueueApi, body: BodyInit, contentType: string): Promise<Answer> {
  return answerOf(await queue.fetch("/tasks", { method: "POST", body, headers: { "content-type": contentType } }));
}

describe("a payload of 1 MiB is taken, one byte more is refused", () => {
  test.each<[name: string, task: (bytes: number) => Record<string, unknown>]>([
    // The two quotes count: it is stored as JSON.
    ["JSON", (bytes) => ({ payload: "x".repeat(bytes - 2) })],
    [
      "JSON of characters of two bytes",
      (bytes) => ({ payload: `${"é".repeat((bytes - 4) / 2)}${"x".repeat(2 + (bytes % 2))}` }),
    ],
    [
      "JSON of characters of four bytes",
      (bytes) => ({ payload: `${"𝄞".repeat((payloadBytes - 4) / 4)}${"x".repeat(2 + bytes - payloadBytes)}` }),
    ],
    [
      "JSON that is escaped",
      (bytes) => ({ payload: `${"\n".repeat((payloadBytes - 4) / 2)}${"x".repeat(2 + bytes - payloadBytes)}` }),
    ],
    ["text", (bytes) => ({ payload: "x".repeat(bytes), encoding: "text" })],
    ["base64", (bytes) => ({ payload: new Uint8Array(bytes).toBase64(), encoding: "base64" })],
  ])("as %s", async (_name, task) => {
    const queue = api();
    expect((await queue.send("POST", "/tasks", task(payloadBytes))).status).toBe(201);
    const before = await storedRows(queue.name);
    const given = `${inGroups(payloadBytes + 1)} bytes`;
    const allowed = `at most ${inGroups(payloadBytes)} bytes`;
    const alone = await queue.send("POST", "/tasks", task(payloadBytes + 1));
    expectProblem(alone, "payload-too-large", { field: "payload", given, allowed });
    const inBatch = await queue.send("POST", "/tasks", { tasks: [{ payload: 1 }, task(payloadBytes + 1)] });
    expectProblem(inBatch, "payload-too-large", { field: "tasks[1].payload", given, allowed });
    expect(await storedRows(queue.name)).toEqual(before);
  });

  test.each(["text/plain", "application/octet-stream"])("as a body of %s", async (type) => {
    const queue = api();
    expect((await enqueueRaw(queue, "x".repeat(payloadBytes), type)).status).toBe(201);
    const answer = await enqueueRaw(queue, "x".repeat(payloadBytes + 1), type);
    expectProblem(answer, "payload-too-large", { field: "body", given: `${inGroups(payloadBytes + 1)} bytes` });
    expect(await queue.counts()).toMatchObject({ ready: 1 });
  });

  test("in a change of a task", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1, id: "a" });
    // The two quotes count.
    const largest = { version: 1, payload: "x".repeat(payloadBytes - 2) };
    expectProblem(
      await queue.send("PATCH", "/tasks/a", { ...largest, payload: `x${largest.payload}` }),
      "payload-too-large",
      {
        field: "payload",
      },
    );
    expect((await queue.send("PATCH", "/tasks/a", largest)).status).toBe(200);
  });
});

/** One small task with white space around it. */
const bodyOf = (bytes: number): string => `{"payload":1}`.padEnd(bytes);
const JSON_TYPE = { "content-type": "application/json" };

/** In pieces, as a body without a declared length comes. */
function streamed(text: string): ReadableStream<Uint8Array> {
  const bytes = new TextEncoder().encode(text);
  let sent = 0;
  return new ReadableStream({
    pull(controller) {
      if (sent >= bytes.length) controller.close();
      else controller.enqueue(bytes.subarray(sent, (sent += 1_000_000)));
    },
  });
}

describe("a body of 16 MiB is taken, one byte more is refused", () => {
  test("with its length declared", async () => {
    const queue = api();
    for (const [bytes, status] of [
      [bodyBytes, 201],
      [bodyBytes + 1, 413],
    ] as const) {
      const headers = { ...JSON_TYPE, "content-length": String(bytes) };
      const answer = await answerOf<Record<string, unknown>>(
        await queue.fetch("/tasks", { method: "POST", body: bodyOf(bytes), headers }),
      );
      expect(answer.status).toBe(status);
      if (status === 413)
        expectProblem(answer, "payload-too-large", { field: "body", given: `${inGroups(bytes)} bytes` });
    }
    expect(await queue.counts()).toMatchObject({ ready: 1 });
  });

  test("without a length, and read no further than the limit", async () => {
    const queue = api();
    const send = (bytes: number): Promise<Response> =>
      queue.fetch("/tasks", { method: "POST", body: streamed(bodyOf(bytes)), headers: JSON_TYPE });
    expect((await send(bodyBytes)).status).toBe(201);
    const answer = await answerOf<Record<string, unknown>>(await send(bodyBytes + 1));
    expectProblem(answer, "payload-too-large", { field: "body", allowed: `at most ${inGroups(bodyBytes)} bytes` });
    expect(await queue.counts()).toMatchObject({ ready: 1 });
  });

  test("a body without end is refused at the limit", async () => {
    let pieces = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1;
        controller.enqueue(new Uint8Array(1_048_576).fill(0x20));
      },
    });
    const response = await api().fetch("/claim", { method: "POST", body: endless, headers: JSON_TYPE });
    expect(response.status).toBe(413);
    expect(pieces).toBeLessThanOrEqual(18);
  });
});

test("the largest batch that fits a body is taken whole, and comes out whole, in as many answers as it takes", async () => {
  const queue = api();
  const payload = 'é"\\'.repeat(2_600);
  await queue.enqueueAll(Array.from({ length: 1_000 }, () => ({ payload })));
  // Beyond Latin-1 a character is weighed as two bytes of an answer.
  const first = await queue.claim({ max: 1_000 });
  const second = await queue.claim({ max: 1_000 });
  expect(first.length).toBeGreaterThan(500);
  expect(first.length + second.length).toBe(1_000);
  expect([...first, ...second].every((task) => task.payload === payload)).toBe(true);
});

/** Numbers of four characters that are kept as 21 digits, and perhaps one text beside them. */
const tasksOf = (count: number, text: string): string => {
  const payload = `[${`1e20,`.repeat(40_000)}${JSON.stringify(text)}]`;
  return `{"tasks":[${Array.from({ length: count }, () => `{"payload":${payload}}`).join(",")}]}`;
};
const send = async (queue: QueueApi, body: string): Promise<Answer> =>
  answerOf(await queue.fetch("/tasks", { method: "POST", body, headers: JSON_TYPE }));

describe("what a body takes once it is read is bounded too", () => {
  test("two bytes for each character where one is beyond Latin-1: 30 MiB are carried, more is refused for good", async () => {
    const queue = api();
    expect((await send(queue, tasksOf(17, "–"))).status).toBe(201);
    const refused = await send(queue, tasksOf(19, "–"));
    expectProblem(refused, "payload-too-large", { field: "body", allowed: "at most 31,457,280 bytes once it is read" });
    expect(refused.headers.get("retry-after")).toBeNull();
    expect((await send(queue, tasksOf(19, "-"))).status).toBe(201);
    expect(await queue.counts()).toMatchObject({ ready: 36 });
  });

  test("in a modify, whose inserts and changes are carried together", async () => {
    const queue = api();
    const insert = `[${Array.from({ length: 19 }, () => `{"payload":[${"1e20,".repeat(40_000)}"–"]}`).join(",")}]`;
    const body = `{"insert":${insert}}`;
    const refused = await answerOf(await queue.fetch("/modify", { method: "POST", body, headers: JSON_TYPE }));
    expectProblem(refused as Answer, "payload-too-large", { field: "body" });
  });
});
