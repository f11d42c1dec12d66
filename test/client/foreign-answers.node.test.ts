// What a client says when something else answers at its server's URL: another API, a web page, nothing.

import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import { Queue, SocketTransport } from "../../src/client/index.ts";
import { isAnswer } from "../../src/client/http-transport.ts";

const CALLS: Readonly<Record<string, (queue: Queue) => Promise<unknown>>> = {
  enqueue: (queue) => queue.enqueue(1),
  enqueueBatch: (queue) => queue.enqueueBatch([{ payload: 1 }]),
  claim: (queue) => queue.claim(),
  ack: (queue) => queue.ack("token"),
  nack: (queue) => queue.nack("token"),
  extend: (queue) => queue.extend("token", 1_000),
  modify: (queue) => queue.modify({ insert: [{ payload: 1 }] }),
  get: (queue) => queue.get("a"),
  change: (queue) => queue.change("a", 1, { priority: 1 }),
  cancel: (queue) => queue.cancel("a"),
  release: (queue) => queue.release("a"),
  browse: (queue) => queue.browse(),
  browseAll: (queue) => queue.browseAll().next(),
  search: (queue) => queue.search(),
  apply: (queue) => queue.apply({ query: "", action: "cancel" }),
  info: (queue) => queue.info(),
  settings: (queue) => queue.settings(),
  stats: (queue) => queue.stats(),
  configure: (queue) => queue.configure({ paused: true }),
  pause: (queue) => queue.pause(),
  resume: (queue) => queue.resume(),
  purge: (queue) => queue.purge(),
  delete: (queue) => queue.delete(),
  redrive: (queue) => queue.redrive(),
  history: (queue) => queue.history(),
  cost: (queue) => queue.cost(),
  consumers: (queue) => queue.consumers(),
  outbox: (queue) => queue.outbox(),
  retryOutbox: (queue) => queue.retryOutbox(),
  "documents.get": (queue) => queue.documents.get("k"),
  "documents.put": (queue) => queue.documents.put("k", 1),
  "documents.delete": (queue) => queue.documents.delete("k"),
  "documents.list": (queue) => queue.documents.list(),
  "keys.get": (queue) => queue.keys.get("k"),
  "keys.list": (queue) => queue.keys.list(),
  "keys.set": (queue) => queue.keys.set("k", { paused: true }),
  "keys.reset": (queue) => queue.keys.reset("k"),
  "keys.unblock": (queue) => queue.keys.unblock("k"),
};

let answer = { type: "", body: "" };
let server: Server;
let url: string;

beforeAll(async () => {
  server = createServer((request, response) => {
    request.resume();
    response.writeHead(200, answer.type === "" ? {} : { "content-type": answer.type }).end(answer.body);
  });
  // Calls that are not sent again must not meet a connection that is just being closed for having rested.
  server.keepAliveTimeout = 0;
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});

afterAll(() => {
  server.closeAllConnections();
  server.close();
});

async function errorOf(call: Promise<unknown>): Promise<unknown> {
  return call.then(
    (value) => value,
    (error: unknown) => error,
  );
}

describe.each(Object.entries(CALLS))("%s", (_, call) => {
  test.each([
    ["an object of another API", "application/json", '{"hello":1}', '"{\\"hello\\":1}"'],
    ["an empty object", "application/json", "{}", '"{}"'],
    ["a list", "application/json", "[1,2]", '"[1,2]"'],
    ["null", "application/json", "null", '"null"'],
    ["a web page", "text/html", "<!doctype html>", '"<!doctype html>"'],
  ])("says what came where %s answers", async (_kind, type, body, shown) => {
    answer = { type, body };
    expect(await errorOf(call(new Queue("orders", { url })))).toMatchObject({
      name: "ForeignAnswerError",
      retryable: false,
      message: `${url} answered HTTP 200 (${type}) ${shown}, which is no answer of edgeq's. Check the URL and its path`,
    });
  });

  test("says that no answer came where the body is empty, as that of a connection that was cut is", async () => {
    answer = { type: "application/json", body: "" };
    expect(await errorOf(call(new Queue("orders", { url, retry: false })))).toMatchObject({
      name: "UnreachableError",
      message: `No answer after 1 attempt: ${url} answered HTTP 200 (application/json) "", which is no answer of edgeq's`,
    });
  });
});

test("a transport over sockets says the same where no socket can be had", async () => {
  answer = { type: "application/json", body: '{"hello":1}' };
  const transport = new SocketTransport({ url });
  expect(await errorOf(new Queue("orders", { transport }).enqueue(1))).toMatchObject({ name: "ForeignAnswerError" });
  transport.close();
});

test.each(Object.values(OPERATIONS))("the answer to $name is known as edgeq's", ({ example }) => {
  expect(isAnswer(example.answer)).toBe(true);
});
