// What a token is allowed of each: requests, tasks, claims that wait, sockets; and its own claims. By every way in.

import { createExecutionContext, env, waitOnExecutionContext } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import { api } from "../workers/api.ts";
import { SocketClient } from "../workers/socket-client.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const ENV: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };
type Claims = Readonly<Record<string, unknown>>;

/** A token made once: what is counted is counted for each. */
async function holderOf(claims: Claims) {
  const authorization = `Bearer ${await tokenOf({ claims })}`;
  const send = async (path: string, init: RequestInit, ctx = createExecutionContext()): Promise<Response> => {
    const request = new Request(`http://localhost${path}`, init);
    request.headers.set("authorization", authorization);
    return worker.fetch(request, ENV, ctx);
  };
  return {
    post: async (path: string, body: unknown, ctx = createExecutionContext()): Promise<Response> =>
      send(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) }, ctx),
    upgrade: (path: string): Promise<Response> => send(`${path}/socket`, { headers: { upgrade: "websocket" } }),
    socket: async (path: string): Promise<SocketClient> => {
      return SocketClient.over(await send(`${path}/socket`, { headers: { upgrade: "websocket" } }));
    },
  };
}

/** Refused until later. @returns the seconds */
async function expectTooSoon(response: Response, limit: number): Promise<number> {
  expect(response.status).toBe(429);
  expect(await response.json()).toMatchObject({ code: "rate-limited", limit });
  return Number(response.headers.get("retry-after"));
}

const tasks = (count: number): unknown => ({ tasks: Array.from({ length: count }, () => ({ payload: 1 })) });

describe("tasks a second", () => {
  test("are counted over enqueues and inserts, and a batch that is refused writes nothing", async () => {
    const queue = api();
    const { post } = await holderOf({ tasksPerSecond: 5 });
    expect((await post(`${queue.path}/tasks`, tasks(3))).status).toBe(201);
    expect((await post(`${queue.path}/modify`, { insert: [{ payload: 1 }, { payload: 2 }] })).status).toBe(200);
    expect(await expectTooSoon(await post(`${queue.path}/tasks`, tasks(5)), 5)).toBe(1);
    expect((await post(`${queue.path}/claim`, { max: 5 })).status).toBe(200);
    expect(await queue.counts()).toMatchObject({ claimed: 5, ready: 0 });
  });

  test("a batch of more than a second's worth is taken once, and owes the rest", async () => {
    const { path } = api();
    const { post } = await holderOf({ tasksPerSecond: 1 });
    expect((await post(`${path}/tasks`, tasks(100))).status).toBe(201);
    expect(await expectTooSoon(await post(`${path}/tasks`, tasks(1)), 1)).toBeGreaterThan(95);
  });

  test("are counted over all tokens of one holder", async () => {
    const { path } = api();
    const [one, other] = [1, 2].map((jti) => holderOf({ tasksPerSecond: 2, sub: "shop", jti: String(jti) }));
    expect((await (await one)?.post(`${path}/tasks`, tasks(2)))?.status).toBe(201);
    const refused = await (await other)?.post(`${path}/tasks`, tasks(1));
    await expectTooSoon(refused ?? new Response(), 2);
  });

  test("are counted over sockets that are opened one after the other", async () => {
    const { path } = api();
    const { socket } = await holderOf({ tasksPerSecond: 2 });
    const one = await socket(path);
    expect(await one.ask("enqueue", tasks(2))).toHaveProperty("ok");
    one.close();
    await one.closed;
    const next = await socket(path);
    expect(await next.ask("enqueue", tasks(1))).toMatchObject({ problem: { code: "rate-limited", limit: 2 } });
    next.close();
  });

  test("are counted over all sockets of the token", async () => {
    const { path } = api();
    const { socket } = await holderOf({ tasksPerSecond: 2 });
    const [one, other] = [await socket(path), await socket(path)];
    expect(await one.ask("enqueue", tasks(2))).toHaveProperty("ok");
    expect(await other.ask("enqueue", tasks(1))).toMatchObject({ problem: { code: "rate-limited", limit: 2 } });
    one.close();
    other.close();
  });
});

test("requests a second are counted over a socket's messages too", async () => {
  const { path } = api();
  const { socket } = await holderOf({ requestsPerSecond: 3 });
  const client = await socket(path);
  const answers = await client.askAll(Array.from({ length: 5 }, () => ["claim", {}] as const));
  expect(answers.map((answer) => answer.problem?.code)).toEqual([
    undefined,
    undefined,
    undefined,
    "rate-limited",
    "rate-limited",
  ]);
  client.close();
});

test("claims that wait are as many as the token may have; others are answered at once", async () => {
  const queue = api();
  const { post } = await holderOf({ parkedClaims: 2 });
  const ctx = createExecutionContext();
  const waiting = [1, 2].map(() => post(`${queue.path}/claim`, { waitMs: 20_000 }, ctx));
  // Begun, and not before the token is known.
  expect((await post(`${queue.path}/claim`, {})).status).toBe(200);
  await expectTooSoon(await post(`${queue.path}/claim`, { waitMs: 20_000 }), 2);
  await queue.enqueue({ payload: 1 });
  await queue.enqueue({ payload: 2 });
  for (const response of await Promise.all(waiting)) expect(await response.json()).toMatchObject({ tasks: [{}] });
  await waitOnExecutionContext(ctx);
  const next = post(`${queue.path}/claim`, { waitMs: 20_000 });
  await queue.enqueue({ payload: 3 });
  expect((await next).status).toBe(200);
});

test("sockets to one queue are as many as the token may have; one that closes makes room", async () => {
  const { path } = api();
  const { upgrade, socket } = await holderOf({ sockets: 2 });
  const [one, other] = [await socket(path), await socket(path)];
  await expectTooSoon(await upgrade(path), 2);
  expect((await upgrade(api().path)).status).toBe(101);
  expect((await (await holderOf({ sockets: 2, sub: "another" })).upgrade(path)).status).toBe(101);
  one.close();
  await one.closed;
  expect((await upgrade(path)).status).toBe(101);
  other.close();
});

async function claimed(holder: Awaited<ReturnType<typeof holderOf>>, path: string): Promise<string> {
  expect((await holder.post(`${path}/tasks`, { payload: 1 })).status).toBe(201);
  const answer: { tasks: { claim: string }[] } = await (await holder.post(`${path}/claim`, {})).json();
  return answer.tasks[0]?.claim ?? "";
}

describe("a token that creates no queues", () => {
  const claims = { createsQueues: false };

  test.each([
    ["tasks", { payload: 1 }, "enqueue", { tasks: [{ payload: 1 }] }],
    ["modify", { insert: [{ payload: 1 }] }, "modify", { insert: [{ payload: 1 }] }],
  ] as const)("is told by %s, over HTTP and a socket, that there is none", async (path, body, op, message) => {
    const queue = api();
    const holder = await holderOf(claims);
    expect((await holder.post(`${queue.path}/${path}`, body)).status).toBe(404);
    const socket = await holder.socket(queue.path);
    expect(await socket.ask(op, message)).toMatchObject({ problem: { code: "queue-not-found" } });
    expect((await queue.send("GET", "")).status).toBe(404);
    expect(await (await holder.post(`${queue.path}/claim`, {})).json()).toMatchObject({ tasks: [] });
    await queue.enqueue({ payload: "by another" });
    expect(await socket.ask(op, message)).toHaveProperty("ok");
    expect((await holder.post(`${queue.path}/${path}`, body)).status).toBeLessThan(300);
    socket.close();
  });

  test("sends nothing to another queue, which that would create", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    const { post } = await holderOf(claims);
    const refused = await post(`${queue.path}/modify`, { insert: [{ payload: 1, queue: "elsewhere" }] });
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "forbidden", action: "enqueue", queue: "elsewhere" });
  });
});

describe("a token limited to its own claims", () => {
  const claims = { can: ["enqueue", "claim"], ownClaims: true };
  const mine = { ...claims, sub: "worker-a" };
  const theirs = { ...claims, sub: "worker-b" };

  test("settles them by every way, with any token of the same subject", async () => {
    const { path } = api();
    const holder = await holderOf(mine);
    const claim = await claimed(holder, path);
    expect(
      await (await holder.post(`${path}/extend`, { claims: [claim], claimTimeoutMs: 60_000 })).json(),
    ).toMatchObject({
      results: [{ ok: true }],
    });
    const again = await holderOf({ ...mine, jti: "a newer token" });
    expect(await (await again.post(`${path}/ack`, { claims: [claim] })).json()).toMatchObject({
      results: [{ ok: true }],
    });
    const socket = await holder.socket(path);
    await socket.ask("enqueue", { tasks: [{ payload: 2 }] });
    await socket.ask("credit", { n: 1 });
    const pushed = await socket.pushes(1);
    expect(await socket.ask("ack", { claims: pushed.map((task) => task.claim) })).toMatchObject({
      ok: { results: [{ ok: true }] },
    });
    socket.close();
  });

  test.each([
    ["ack", (claim: string) => ({ claims: [claim] })],
    ["nack", (claim: string) => ({ claims: [{ claim }] })],
    ["extend", (claim: string) => ({ claims: [claim], claimTimeoutMs: 0 })],
    ["settle", (claim: string) => ({ nacks: [claim] })],
    ["modify", (claim: string) => ({ delete: [{ claim }] })],
    ["modify", () => ({ delete: [{ id: "x", version: 1 }] })],
  ] as const)("%s of another's is refused, and changes nothing", async (operation, bodyOf) => {
    const { path } = api();
    const owner = await holderOf(mine);
    const claim = await claimed(owner, path);
    const other = await holderOf(theirs);
    const refused = await other.post(`${path}/${operation}`, bodyOf(claim));
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ code: "forbidden", action: "claim" });
    const socket = await other.socket(path);
    expect(await socket.ask(operation, bodyOf(claim))).toMatchObject({ problem: { code: "forbidden" } });
    socket.close();
    expect(await (await owner.post(`${path}/ack`, { claims: [claim] })).json()).toMatchObject({
      results: [{ ok: true }],
    });
  });

  test("does not settle what a token without the limit claimed, which settles all that it holds the claim of", async () => {
    const { path } = api();
    const unlimited = await holderOf({ sub: "worker-a" });
    const limited = await holderOf(mine);
    expect((await limited.post(`${path}/ack`, { claims: [await claimed(unlimited, path)] })).status).toBe(403);
    expect((await unlimited.post(`${path}/ack`, { claims: [await claimed(limited, path)] })).status).toBe(200);
  });
});

test.each([
  { tasksPerSecond: 0 },
  { parkedClaims: -1 },
  { parkedClaims: 10_001 },
  { sockets: 1.5 },
  { ownClaims: false },
  { createsQueues: true },
  { sub: 7 },
  { sub: "x".repeat(257) },
])("a token with %j is not one", async (claims) => {
  expect((await (await holderOf(claims)).post(`${api().path}/claim`, {})).status).toBe(401);
});
