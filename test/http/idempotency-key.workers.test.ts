// Calls that may be sent again over HTTP (P10): numbered in the body, or with an Idempotency-Key.

import { expect, test } from "vitest";
import { answerOf, api, type Answer, type QueueApi } from "../workers/api.ts";
import { expectInvalid } from "../workers/problem.ts";

const PRODUCER = "0123456789abcdef";

test("a call with a number is made once", async () => {
  const queue = api();
  const body = { tasks: [{ payload: 1 }], call: { producer: PRODUCER, number: 1 } };
  const first = await queue.send("POST", "/tasks", body);
  expect(first.status).toBe(201);
  const again = await queue.send("POST", "/tasks", body);
  expect([again.status, again.body]).toEqual([201, first.body]);
  expect(await queue.counts()).toMatchObject({ ready: 1 });
});

test("a number that has left the window, or was used for another call, is a problem of its own", async () => {
  const queue = api();
  const send = (payload: number, number: number, from?: number) =>
    queue.send("POST", "/tasks", { tasks: [{ payload }], call: { producer: PRODUCER, number, from } });
  await send(1, 1);
  await send(2, 2, 2);
  expect(await send(1, 1)).toMatchObject({ status: 409, body: { code: "call-forgotten", number: 1, from: 2 } });
  expect(await send(3, 2)).toMatchObject({ status: 422, body: { code: "call-reused", number: 2 } });
});

async function sendKeyed(
  queue: QueueApi,
  key: string,
  body: unknown = { payload: 1 },
  path = "/tasks",
): Promise<Answer> {
  const headers = { "idempotency-key": key, "content-type": "application/json" };
  return answerOf(await queue.fetch(path, { method: "POST", headers, body: JSON.stringify(body) }));
}

test.each([
  ["a string of the draft", '"order-17"', '"order-17"'],
  ["a bare key", "order-17", "order-17"],
  ["a key in either form", '"order-17"', "order-17"],
])("%s makes a request once", async (_name, first, second) => {
  const queue = api();
  const made = await sendKeyed(queue, first);
  expect(made.status).toBe(201);
  expect((await sendKeyed(queue, second)).body).toEqual(made.body);
  expect(await sendKeyed(queue, first, { payload: 2 })).toMatchObject({ status: 422, body: { code: "call-reused" } });
  expect((await sendKeyed(queue, "another")).status).toBe(201);
  expect(await queue.counts()).toMatchObject({ ready: 2 });
});

test("a key covers a body of any type, and a modify", async () => {
  const queue = api();
  const headers = { "idempotency-key": '"k"', "content-type": "text/plain" };
  const sendText = async () => (await queue.fetch("/tasks", { method: "POST", headers, body: "hello" })).json();
  expect(await sendText()).toEqual(await sendText());
  const modify = { delete: [{ claim: (await queue.claimOne()).claim }], insert: [{ payload: 1 }] };
  const made = await sendKeyed(queue, "m", modify, "/modify");
  expect(made.status).toBe(200);
  expect((await sendKeyed(queue, "m", modify, "/modify")).body).toEqual(made.body);
  expect(await queue.counts()).toMatchObject({ ready: 1, claimed: 0 });
});

test.each([['""'], [""], ["a".repeat(129)], ['"a"b"'], ['"a\\"']])("the key %s is refused", async (key) => {
  const queue = api();
  const answer = await sendKeyed(queue, key);
  expectInvalid(answer, "idempotency-key");
});

test("a number beside a key is refused, and so is a number that is none", async () => {
  const queue = api();
  const call = { producer: PRODUCER, number: 1 };
  expectInvalid(await sendKeyed(queue, "k", { tasks: [{ payload: 1 }], call }), "call");
  const send = (wrong: unknown) => queue.send("POST", "/tasks", { tasks: [{ payload: 1 }], call: wrong });
  expectInvalid(await send({ ...call, producer: "me" }), "call.producer", "me");
  expectInvalid(await send({ ...call, number: 0 }), "call.number", 0);
  expectInvalid(await send({ ...call, from: 2 }), "call.from", 2);
  expectInvalid(await send({ ...call, owner: "me" }), "call.owner", "me");
  expectInvalid(await send({ producer: PRODUCER }), "call.number");
  expect((await queue.send("POST", "/tasks", { payload: 1, call })).status).toBe(201);
  expect((await queue.send("POST", "/tasks", { payload: 1, call })).status).toBe(201);
  expect(await queue.counts()).toMatchObject({ ready: 1 });
});
