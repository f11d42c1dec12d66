// POST /v1/queues/{queue}/tasks with any other content type: the body is the payload, the options are in the query.

import { expect, test } from "vitest";
import { answerOf, api, type Answer, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { storedRows } from "../workers/object.ts";
import { expectInvalid, expectProblem } from "../workers/problem.ts";

const clock = stoppedClock();

async function enqueueRaw(queue: QueueApi, body: BodyInit, contentType: string, query = ""): Promise<Answer> {
  const init = { method: "POST", body, headers: { "content-type": contentType } };
  return answerOf(await queue.fetch(`/tasks${query}`, init));
}

test.each([
  "text/plain",
  "text/csv; charset=UTF-8",
  "application/xml",
  "application/atom+xml",
  "application/cloudevents+json",
])("a body of %s is a payload of text, under that content type", async (contentType) => {
  const queue = api();
  expect(await enqueueRaw(queue, "grüße", contentType)).toMatchObject({ status: 201 });
  expect(await queue.claimOne()).toMatchObject({ payload: "grüße", encoding: "text", contentType });
});

test.each(["application/octet-stream", "image/png", "text/plain; charset=iso-8859-1"])(
  "a body of %s is a payload of bytes",
  async (contentType) => {
    const queue = api();
    expect(await enqueueRaw(queue, new Uint8Array([0, 0xff, 0xfc, 10]), contentType)).toMatchObject({ status: 201 });
    expect(await queue.claimOne()).toMatchObject({ payload: "AP/8Cg==", encoding: "base64", contentType });
  },
);

test("an empty body is an empty payload", async () => {
  const queue = api();
  await enqueueRaw(queue, "", "text/plain");
  await enqueueRaw(queue, new Uint8Array(), "application/octet-stream");
  expect((await queue.claim({ max: 2 })).map(({ payload }) => payload)).toEqual(["", ""]);
});

test("a byte order mark in text is part of it", async () => {
  const queue = api();
  await enqueueRaw(queue, "\uFEFFhello", "text/plain");
  expect(await queue.claimOne()).toMatchObject({ payload: "\uFEFFhello" });
});

test("every option of JSON is a query parameter", async () => {
  const queue = api();
  await enqueueRaw(queue, "x", "text/plain", "?id=a%2Fb&delayMs=10&lane=slow&priority=-1&ttlMs=5000&maxAttempts=3");
  clock.advance(10);
  const task = await queue.claimOne({ lanes: ["slow"] });
  expect(task).toMatchObject({ id: "a/b", lane: "slow", priority: -1, maxAttempts: 3, expiresAt: clock.now() + 4_990 });
});

test("text that is not UTF-8 is refused, since it would come out as something else", async () => {
  const queue = api();
  expectInvalid(
    await enqueueRaw(queue, new Uint8Array([0x68, 0xff]), "text/plain"),
    "body",
    "2 bytes that are not UTF-8",
  );
  // A lone surrogate, in the three bytes that it would take.
  expectInvalid(await enqueueRaw(queue, new Uint8Array([0xed, 0xa0, 0x80]), "text/plain"), "body");
  expect(await storedRows(queue.name)).toEqual({});
});

test.each([
  ["?delayMs=1.5", "delayMs", "1.5"],
  ["?delayMs=1e3", "delayMs", "1e3"],
  ["?delayMs=", "delayMs", ""],
  ["?delayMs=-1", "delayMs", -1],
  ["?delayMs=99999999999999999999", "delayMs", "99999999999999999999"],
  ["?delayMs=1&delayMs=2", "delayMs", "2 times"],
  ["?delayMs=1&visibleAt=2", "visibleAt", 2],
  ["?delay=1", "delay", "1"],
  ["?payload=1", "payload", "1"],
  ["?__proto__=1", "__proto__", "1"],
  ["?constructor=1", "constructor", "1"],
  ["?id=", "id", ""],
  ["?id=%FF", "query", "?id=%FF"],
  ["?id=%zz", "query", "?id=%zz"],
  ["?id=..", "id", ".."],
  [`?id=${"x".repeat(129)}`, "id", `${"x".repeat(100)}... (129 characters)`],
  ["?lane=a%20b", "lane", "a b"],
  ["?priority=101", "priority", 101],
])("the query %s is refused", async (query, field, given) => {
  const queue = api();
  expectInvalid(await enqueueRaw(queue, "x", "text/plain", query), field, given);
  expect(await storedRows(queue.name)).toEqual({});
});

test("options beside a body of JSON would be passed over, so they are refused", async () => {
  const queue = api();
  expectInvalid(await queue.send("POST", "/tasks?delayMs=1000", { payload: 1 }), "delayMs", "1000");
  expect(await storedRows(queue.name)).toEqual({});
});

test.each([
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "APPLICATION/X-WWW-FORM-URLENCODED",
])("%s is what tools send unasked, and is refused with what to send instead", async (contentType) => {
  const queue = api();
  const answer = await enqueueRaw(queue, "hello", contentType);
  expectProblem(answer, "unsupported-media-type", { field: "content-type" });
  expect(answer.body["detail"]).toContain("text/plain");
  expect(await storedRows(queue.name)).toEqual({});
});

test.each(["text", "text/", "/plain", "text plain/x", `text/${"x".repeat(124)}`])(
  "the content type %j is not one",
  async (contentType) => {
    const queue = api();
    expectInvalid(await enqueueRaw(queue, "hello", contentType), "content-type");
    expect(await storedRows(queue.name)).toEqual({});
  },
);

test("a content type of 128 characters is kept whole", async () => {
  const queue = api();
  const contentType = `text/${"x".repeat(123)}`;
  await enqueueRaw(queue, "hello", contentType);
  expect(await queue.claimOne()).toMatchObject({ contentType });
});
