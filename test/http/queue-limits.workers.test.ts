// What an owner lets a queue take from all of its callers together: how a refusal looks by every way in, and that it is one count.

import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { exports } from "cloudflare:workers";
import { expect, test } from "vitest";
import type { Env } from "../../src/http/route.ts";
import type { QueueService } from "../../src/index.ts";
import worker from "../../src/index.ts";
import { api, fetchPath } from "../workers/api.ts";
import { SocketClient } from "../workers/socket-client.ts";
import { stoppedClock } from "../workers/clock.ts";
import { expectProblem } from "../workers/problem.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const clock = stoppedClock();
const WAIT = { waitMs: 20_000 };

test("by HTTP a refusal says which limit it is and, in whole seconds, when to come again", async () => {
  const queue = api();
  await queue.configure({ limits: { requestsPerSecond: 2, tasksPerSecond: 1 } });
  await queue.enqueueAll([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
  const refused = await queue.send("POST", "/tasks", { payload: 4 });
  expectProblem(refused, "rate-limited", { what: "tasks a second", limit: 1, retryAfterMs: 3_000 });
  expect(refused.headers.get("retry-after")).toBe("3");
  await queue.claimOne();
  const claim = await queue.send("POST", "/claim", {});
  expectProblem(claim, "rate-limited", { what: "requests a second", limit: 2, retryAfterMs: 500 });
  expect(claim.headers.get("retry-after")).toBe("1");
});

test("requests by HTTP, by sockets and by bindings are one count", async () => {
  const queue = api();
  await queue.configure({ limits: { requestsPerSecond: 3 } });
  const socket = await SocketClient.open(queue.name);
  const service = (exports.QueueService as unknown as (options: { props: unknown }) => Service<typeof QueueService>)({
    props: { queues: ["*"], can: ["enqueue"] },
  });
  const body = { tasks: [{ payload: 1 }] };
  await queue.enqueue({ payload: 1 });
  expect(await socket.ask("enqueue", body)).toHaveProperty("ok");
  expect(await service.enqueue(queue.name, body)).toMatchObject({ kind: "answer" });
  const problem = { code: "rate-limited", what: "requests a second", limit: 3, retryAfterMs: 334 };
  expect(await socket.ask("enqueue", body)).toMatchObject({ problem });
  expect(await socket.ask("credit", { n: 1 })).toMatchObject({ problem });
  expect(await socket.ask("watch")).toMatchObject({ problem });
  expect(await service.enqueue(queue.name, body)).toMatchObject({ kind: "problem", problem, retryAfterMs: 334 });
  expectProblem(await queue.send("POST", "/tasks", body), "rate-limited", { retryAfterMs: 334 });
  clock.advance(10_000);
  expect(await queue.counts()).toMatchObject({ ready: 3 });
  socket.close();
});

test("claims that wait are as many as the owner says, whoever asks", async () => {
  const queue = api();
  await queue.configure({ limits: { parkedClaims: 1 } });
  const ctx = createExecutionContext();
  const request = new Request(`http://localhost${queue.path}/claim`, { method: "POST", body: JSON.stringify(WAIT) });
  request.headers.set("content-type", "application/json");
  const waiting = worker.fetch(request, env, ctx);
  // The first stands in line before the next is asked: both go the same way.
  const refused = await queue.send("POST", "/claim", WAIT);
  expectProblem(refused, "rate-limited", { what: "claims that wait at one time", limit: 1 });
  expect(refused.headers.get("retry-after")).toBe("1");
  await queue.enqueue({ payload: 1 });
  expect(await (await waiting).json()).toMatchObject({ tasks: [{ payload: 1 }] });
  await waitOnExecutionContext(ctx);
});

test("sockets are as many as the owner says; one that closes makes room", async () => {
  const queue = api();
  await queue.configure({ limits: { sockets: 1 } });
  const upgrade = (): Promise<Response> => fetchPath(`${queue.path}/socket`, { headers: { upgrade: "websocket" } });
  const one = SocketClient.over(await upgrade());
  const refused = await upgrade();
  expect(refused.status).toBe(429);
  expect(refused.headers.get("retry-after")).toBe("1");
  expect(await refused.json()).toMatchObject({ code: "rate-limited", what: "sockets at one time", limit: 1 });
  one.close();
  await one.closed;
  SocketClient.over(await upgrade()).close();
});

test("a token's own limit, also over a socket, says when to come again", async () => {
  const queue = api();
  const settings: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };
  const authorization = `Bearer ${await tokenOf({ claims: { tasksPerSecond: 1 } })}`;
  const request = new Request(`http://localhost${queue.path}/socket`, {
    headers: { authorization, upgrade: "websocket" },
  });
  const socket = SocketClient.over(await worker.fetch(request, settings, createExecutionContext()));
  expect(await socket.ask("enqueue", { tasks: [{ payload: 1 }, { payload: 2 }] })).toHaveProperty("ok");
  expect(await socket.ask("enqueue", { tasks: [{ payload: 1 }] })).toMatchObject({
    problem: { code: "rate-limited", limit: 1, retryAfterMs: 2_000 },
  });
  socket.close();
});

test("a token that floods a limited queue keeps others out of it, and one with a limit of its own does not", async () => {
  const queue = api();
  await queue.configure({ limits: { requestsPerSecond: 10 } });
  const settings: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };
  const asker = async (claims: Readonly<Record<string, unknown>>): Promise<() => Promise<number>> => {
    const authorization = `Bearer ${await tokenOf({ claims })}`;
    return async () => {
      const request = new Request(`http://localhost${queue.path}`, { headers: { authorization } });
      return (await worker.fetch(request, settings, createExecutionContext())).status;
    };
  };
  const [flood, bounded, other] = [
    await asker({ sub: "flood" }),
    await asker({ sub: "bounded", requestsPerSecond: 4 }),
    await asker({ sub: "other" }),
  ];
  for (let n = 0; n < 30; n += 1) await flood();
  expect(await other()).toBe(429);
  clock.advance(1_000);
  for (let n = 0; n < 30; n += 1) await bounded();
  expect(await other()).toBe(200);
});
