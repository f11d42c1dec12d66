// How often a usual request asks the platform for something: each question crosses from JavaScript to the runtime and back, which
// takes as long as to check a small body.

import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { expect, test } from "vitest";
import worker from "../../src/index.ts";

/** What has to be known of every request with a body. */
const ANY = ["content-encoding", "content-length", "content-type", "method", "origin", "url"];

/** What was asked of a request: names of headers, and of its own properties, sorted. */
async function askedBy(path: string, body: unknown): Promise<{ asked: string[]; response: Response }> {
  const asked: string[] = [];
  const text = JSON.stringify(body);
  const headers = { "content-type": "application/json", "content-length": String(text.length) };
  const request = new Request(`http://localhost/v1/queues/asked${path}`, { method: "POST", headers, body: text });
  const { url, method, headers: given } = request;
  Object.defineProperties(request, {
    url: { get: () => (asked.push("url"), url) },
    method: { get: () => (asked.push("method"), method) },
    body: { get: () => (asked.push("body"), null) },
  });
  const get = given.get.bind(given);
  given.get = (name) => (asked.push(name), get(name));
  const ctx = createExecutionContext();
  const response = await worker.fetch(request, { ...env, EDGEQ_AUTH: "open" }, ctx);
  await waitOnExecutionContext(ctx);
  expect(response.ok).toBe(true);
  return { asked: asked.toSorted(), response };
}

test("an enqueue asks for nothing twice", async () => {
  const { asked } = await askedBy("/tasks", { payload: 1 });
  expect(asked).toEqual([...ANY, "idempotency-key", "traceparent"].toSorted());
});

test("a claim and an ack ask for nothing twice", async () => {
  await askedBy("/tasks", { payload: 1 });
  const claim = await askedBy("/claim", { max: 1 });
  expect(claim.asked).toEqual(ANY);
  const { tasks } = await claim.response.json<{ tasks: { claim: string }[] }>();
  const ack = await askedBy("/ack", { claims: tasks.map((task) => task.claim) });
  expect(ack.asked).toEqual(ANY);
});
