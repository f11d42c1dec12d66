// A request's trace reaches whoever handles its tasks.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { QueueObject } from "../../src/object/queue-object.ts";
import { answerOf, api, type Answer, type QueueApi } from "../workers/api.ts";

const TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const ANOTHER = "00-11111111111111111111111111111111-2222222222222222-01";
const TRACE = { traceparent: TRACEPARENT, tracestate: "rojo=1" };

async function send(
  queue: QueueApi,
  body: unknown,
  headers: Readonly<Record<string, string>> = TRACE,
  path = "/tasks",
): Promise<Answer> {
  const init = { method: "POST", headers: { "content-type": "application/json", ...headers } };
  return answerOf(await queue.fetch(path, { ...init, body: JSON.stringify(body) }));
}

async function headersOfClaimed(queue: QueueApi): Promise<unknown[]> {
  return (await queue.claim({ max: 100 })).map(({ headers }) => headers);
}

function manyHeaders(count: number): Record<string, string> {
  return Object.fromEntries(Array.from({ length: count }, (_, at) => [`h${at}`, "x"]));
}

test("a request's trace is among the headers of its tasks", async () => {
  const queue = api();
  expect((await send(queue, { tasks: [{ payload: 1 }, { payload: 2, headers: { of: "shop" } }] })).status).toBe(201);
  expect(await headersOfClaimed(queue)).toEqual([TRACE, { of: "shop", ...TRACE }]);
});

test("a body that is a payload has its request's trace", async () => {
  const queue = api();
  await queue.fetch("/tasks", { method: "POST", headers: { "content-type": "text/plain", ...TRACE }, body: "hello" });
  expect(await headersOfClaimed(queue)).toEqual([TRACE]);
});

test("a task that names a trace keeps it, right or wrong, and takes no tracestate of another", async () => {
  const queue = api();
  const named = [{ traceparent: ANOTHER }, { traceparent: "wrong" }];
  await send(queue, { tasks: named.map((headers) => ({ payload: 1, headers })) });
  expect(await headersOfClaimed(queue)).toEqual(named);
});

test("a tracestate without a trace of its own makes room for the request's", async () => {
  const queue = api();
  await send(queue, { payload: 1, headers: { tracestate: "of=nothing" } }, { traceparent: TRACEPARENT });
  expect(await headersOfClaimed(queue)).toEqual([{ traceparent: TRACEPARENT }]);
});

test("an invalid traceparent is no error, and leaves the task as it is", async () => {
  const queue = api();
  const answer = await send(queue, { payload: 1 }, { traceparent: `${TRACEPARENT}-`, tracestate: "rojo=1" });
  expect(answer.status).toBe(201);
  expect(await headersOfClaimed(queue)).toEqual([{}]);
});

test("a task that has as many headers as may be stays without", async () => {
  const queue = api();
  const tasks = [30, 31, 32].map((count) => ({ payload: 1, headers: manyHeaders(count) }));
  expect((await send(queue, { tasks })).status).toBe(201);
  expect(await headersOfClaimed(queue)).toEqual([{ ...manyHeaders(30), ...TRACE }, manyHeaders(31), manyHeaders(32)]);
});

test("what a modify inserts has its request's trace, also in another queue", async () => {
  const queue = api();
  const next = api();
  const body = { insert: [{ payload: 1 }, { payload: 2, queue: next.name }, { document: { key: "d", value: 1 } }] };
  expect((await send(queue, body, TRACE, "/modify")).status).toBe(200);
  expect(await headersOfClaimed(queue)).toEqual([TRACE]);
  const [arrived] = await next.claim({ waitMs: 5_000 });
  expect(arrived?.headers).toEqual(TRACE);
});

test.each([
  ["an enqueue", { tasks: [{ payload: 1 }, { payload: 2, delayMs: 60_000 }] }, "/tasks"],
  ["a modify", { insert: [{ payload: 1 }] }, "/modify"],
])("%s that is sent again in another span is the same call", async (_name, body, path) => {
  const queue = api();
  const headers = { "idempotency-key": "k" };
  const sent = [TRACE, { traceparent: ANOTHER }, {}];
  const answers = [];
  for (const trace of sent) answers.push(await send(queue, body, { ...headers, ...trace }, path));
  const [first] = answers;
  for (const { status, body: answered } of answers) expect([status, answered]).toEqual([first?.status, first?.body]);
  expect(await headersOfClaimed(queue)).toEqual([TRACE]);
});

test("a traced task takes a row of its own; a queue without traces pays nothing for them", async () => {
  const queue = api();
  const rows = () =>
    runInDurableObject(env.QUEUE.getByName(queue.name), (object: QueueObject) => {
      const { rowsWritten, historyRows } = object.usage();
      return rowsWritten - historyRows;
    });
  const tasks = Array.from({ length: 100 }, (_, payload) => ({ payload }));
  await queue.enqueueAll(tasks);
  // Until it is registered: its message to the directory is a row of its own.
  await expect.poll(async () => (await queue.view()).stats.outbox, { timeout: 10_000 }).toBe(0);
  const before = await rows();
  await queue.enqueueAll(tasks);
  const untraced = await rows();
  await send(queue, { tasks });
  expect([untraced - before, (await rows()) - untraced]).toEqual([1, 100]);
});
