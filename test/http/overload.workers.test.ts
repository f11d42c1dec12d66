// Beyond what the Worker takes on at once: a quick refusal that says when to come again, and nothing that stays counted.

import { createExecutionContext, env } from "cloudflare:test";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import { answerOf, api, fetchPath } from "../workers/api.ts";
import { expectProblem } from "../workers/problem.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const JSON_TYPE = { "content-type": "application/json" };

/** How long each timer takes, by the server's clock: none is late, however busy the machine is. */
let timerMs = 0;

beforeEach(() => {
  timerMs = 0;
  let now = 1_000;
  vi.spyOn(performance, "now").mockImplementation(() => now);
  const { setTimeout: set } = globalThis;
  vi.spyOn(globalThis, "setTimeout").mockImplementation((fire: () => void, ms?: number) => {
    if (ms !== 10) return set(fire, ms);
    now += timerMs;
    queueMicrotask(fire);
    return set(() => {}, 0);
  });
});

afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

test("requests beyond those that one queue may have under way are refused; others and health are served", async () => {
  const busy = api();
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const body = (): ReadableStream<Uint8Array> =>
    new ReadableStream({
      async pull(controller) {
        await end;
        controller.enqueue(new TextEncoder().encode(`{"payload":1}`));
        controller.close();
      },
    });
  // Each holds 64 KiB for what it is still to send.
  const underWay = Array.from({ length: LIMITS.queueRequestsUnderWay }, () =>
    busy.fetch("/tasks", { method: "POST", headers: JSON_TYPE, body: body() }),
  );
  const refused = await busy.send("POST", "/tasks", { payload: 2 });
  expectProblem(refused, "overloaded");
  expect(refused.headers.get("retry-after")).toBe("1");
  // All at one instant, so that none of them could have come again meanwhile.
  vi.useFakeTimers({ toFake: ["Date"] });
  for (let asked = 0; asked < LIMITS.returnsPerSecond + 2; asked += 1)
    await busy.send("POST", "/tasks", { payload: 2 });
  const later = await busy.send("POST", "/tasks", { payload: 2 });
  vi.useRealTimers();
  expect(later.headers.get("retry-after")).toBe("2");
  expect((await api().send("POST", "/tasks", { payload: 3 })).status).toBe(201);
  expect((await fetchPath("/v1/health")).status).toBe(200);

  resolve();
  expect(new Set((await Promise.all(underWay)).map(({ status }) => status))).toEqual(new Set([201]));
  expect((await busy.send("POST", "/tasks", { payload: 4 })).status).toBe(201);
  expect(await busy.counts()).toMatchObject({ ready: LIMITS.queueRequestsUnderWay + 1 });
});

test("a late server refuses early, and without reading what is tiny; acks are taken", async () => {
  const busy = api();
  const { promise: end, resolve } = Promise.withResolvers<void>();
  const underWay = Array.from({ length: LIMITS.queueRequestsWhenLate }, () => {
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        await end;
        controller.enqueue(new TextEncoder().encode(`{"payload":1}`));
        controller.close();
      },
    });
    return busy.fetch("/tasks", { method: "POST", headers: JSON_TYPE, body });
  });
  const enqueue = async (letters: number): Promise<{ status: number; isRead: boolean }> => {
    const body = JSON.stringify({ payload: "x".repeat(letters) });
    const headers = { ...JSON_TYPE, "content-length": String(body.length) };
    const request = new Request(`http://localhost${busy.path}/tasks`, { method: "POST", headers, body });
    const { status } = await worker.fetch(request, env, createExecutionContext());
    return { status, isRead: request.bodyUsed };
  };
  expect((await enqueue(10)).status).toBe(201);
  timerMs = 500;
  for (let looked = 0; looked <= LIMITS.lateTimes; looked += 1) await busy.send("POST", "/ack", { claims: ["0.0.0"] });
  expect(await enqueue(10)).toEqual({ status: 503, isRead: false });
  expect(await enqueue(2_000)).toEqual({ status: 503, isRead: true });
  expect((await busy.send("POST", "/ack", { claims: ["0.0.0"] })).status).not.toBe(503);

  timerMs = 0;
  await busy.send("POST", "/ack", { claims: ["0.0.0"] });
  expect(await enqueue(10)).toEqual({ status: 201, isRead: true });
  resolve();
  expect(new Set((await Promise.all(underWay)).map(({ status }) => status))).toEqual(new Set([201]));
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
