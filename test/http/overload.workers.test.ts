// Beyond what the Worker takes on at once: a quick refusal that says when to come again, and nothing that stays counted.

import { createExecutionContext, env } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import { answerOf, api, fetchPath, type QueueApi } from "../workers/api.ts";
import { expectProblem } from "../workers/problem.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** The server's time, which the test moves: it is that of the whole isolate. */
let now = performance.now();

beforeEach(() => {
  // What an earlier test did is over.
  now += 60_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
});

afterEach(() => vi.restoreAllMocks());

/** So many enqueues, whose bodies are still to come. @returns sends those, and says what became of the enqueues */
function enqueueSlowly(queue: QueueApi, times: number): () => Promise<number[]> {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const underWay = Array.from({ length: times }, () => {
    // Each holds 64 KiB for what it is still to send.
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await end;
        controller.enqueue(new TextEncoder().encode(`{"payload":1}`));
        controller.close();
      },
    });
    return queue.fetch("/tasks", { method: "POST", headers: JSON_TYPE, body });
  });
  return async () => {
    resolve();
    return (await Promise.all(underWay)).map(({ status }) => status);
  };
}

const allCreated = (times: number): number[] => Array.from({ length: times }, () => 201);

test("requests beyond those that one queue may have under way are refused; acks, others and health are served", async () => {
  const busy = api();
  const end = enqueueSlowly(busy, LIMITS.queueRequestsOfWork);
  const refused = await busy.send("POST", "/tasks", { payload: 2 });
  expectProblem(refused, "overloaded");
  expect(refused.headers.get("retry-after")).toBe("1");
  // All at one instant, so that none of them could have come again meanwhile.
  for (let asked = 0; asked < LIMITS.returnsPerSecond; asked += 1) await busy.send("POST", "/tasks", { payload: 2 });
  const later = await busy.send("POST", "/tasks", { payload: 2 });
  expect(later.headers.get("retry-after")).toBe("2");
  expect((await busy.send("POST", "/ack", { claims: ["0.0.0"] })).status).not.toBe(503);
  expect((await api().send("POST", "/tasks", { payload: 3 })).status).toBe(201);
  expect((await fetchPath("/v1/health")).status).toBe(200);

  expect(await end()).toEqual(allCreated(LIMITS.queueRequestsOfWork));
  expect((await busy.send("POST", "/tasks", { payload: 4 })).status).toBe(201);
  expect(await busy.counts()).toMatchObject({ ready: LIMITS.queueRequestsOfWork + 1 });
});

test("a server that was full takes on fewer until all who were refused have come again", async () => {
  const busy = api();
  const endAll = enqueueSlowly(busy, LIMITS.queueRequestsOfWork);
  expect((await busy.send("POST", "/tasks", { payload: 2 })).status).toBe(503);
  await endAll();
  const end = enqueueSlowly(busy, LIMITS.queueRequestsWhenOverloaded);
  expect((await busy.send("POST", "/tasks", { payload: 2 })).status).toBe(503);
  expect((await busy.send("POST", "/ack", { claims: ["0.0.0"] })).status).not.toBe(503);
  now += LIMITS.returnsWithinMs;
  expect((await busy.send("POST", "/tasks", { payload: 2 })).status).toBe(201);
  expect(await end()).toEqual(allCreated(LIMITS.queueRequestsWhenOverloaded));
});

test("what is tiny is refused without being read, and what is larger is read", async () => {
  const busy = api();
  // Its route is known from then on.
  await busy.send("POST", "/tasks", { payload: 1 });
  const end = enqueueSlowly(busy, LIMITS.queueRequestsOfWork);
  const enqueue = async (letters: number, more: Partial<Env> = {}): Promise<{ status: number; isRead: boolean }> => {
    const body = JSON.stringify({ payload: "x".repeat(letters) });
    const headers = { ...JSON_TYPE, "content-length": String(body.length) };
    const request = new Request(`http://localhost${busy.path}/tasks`, { method: "POST", headers, body });
    const answer = await answerOf<Record<string, unknown>>(
      await worker.fetch(request, { ...env, ...more }, createExecutionContext()),
    );
    expectProblem(answer, "overloaded");
    return { status: answer.status, isRead: request.bodyUsed };
  };
  expect(await enqueue(10)).toEqual({ status: 503, isRead: false });
  expect(await enqueue(2_000)).toEqual({ status: 503, isRead: true });
  // A refusal is a failure of the server's own, which the log may ask for.
  const log = vi.spyOn(console, "error").mockImplementation(() => {});
  expect(await enqueue(10, { EDGEQ_LOG: "failures" })).toEqual({ status: 503, isRead: true });
  expect(JSON.parse(String(log.mock.calls[0]?.[0]))).toMatchObject({ log: "request", code: "overloaded", status: 503 });
  await end();
});

test("bodies beyond the bytes that are held at once are refused, and their bytes given back", async () => {
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const open = (): Promise<Response> => {
    const headers = { ...JSON_TYPE, "content-length": String(LIMITS.bodyBytes) };
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await end;
        controller.enqueue(new TextEncoder().encode(`{"payload":1}`));
        controller.close();
      },
    });
    return api().fetch("/tasks", { method: "POST", headers, body });
  };
  const held = Array.from({ length: WORKER_PARTS.bodies / LIMITS.bodyBytes }, open);
  expect((await open()).status).toBe(503);
  resolve();
  await Promise.allSettled(held);
  const headers = { ...JSON_TYPE, "content-length": String(LIMITS.bodyBytes) };
  const whole = await api().fetch("/tasks", {
    method: "POST",
    headers,
    body: `{"payload":1}`.padEnd(LIMITS.bodyBytes),
  });
  expect(whole.status).toBe(201);
});

test("a token's requests beyond its rate are refused, with the seconds after which there is one", async () => {
  const settings: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };
  const ask = async (authorization: string): Promise<Response> => {
    const request = new Request(`http://localhost${api().path}`, { method: "PUT", headers: { authorization } });
    return worker.fetch(request, settings, createExecutionContext());
  };
  const limited = `Bearer ${await tokenOf({ claims: { requestsPerSecond: 0.01 } })}`;
  expect((await ask(limited)).status).toBe(200);
  const answer = await answerOf<Record<string, unknown>>(await ask(limited));
  expectProblem(answer, "rate-limited", { limit: 0.01 });
  expect(Number(answer.headers.get("retry-after"))).toBeGreaterThan(90);
  expect((await ask(`Bearer ${await tokenOf()}`)).status).toBe(200);

  for (const requestsPerSecond of [0, -1, "1", LIMITS.tokenRequests + 1]) {
    expect((await ask(`Bearer ${await tokenOf({ claims: { requestsPerSecond } })}`)).status).toBe(401);
  }
});
