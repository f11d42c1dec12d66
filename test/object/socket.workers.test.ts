// Requests and answers over a socket: docs/socket.md, frame by frame.

import { SOCKET_GRANT_HEADER } from "../../src/api/grant.ts";
import { env, exports } from "cloudflare:workers";
import { createExecutionContext, evictDurableObject, runInDurableObject } from "cloudflare:test";
import { describe, expect, test, vi } from "vitest";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { fetchRoute } from "../../src/http/router.ts";
import { ACTIONS } from "../../src/protocol/action.ts";
import { TaskStatements } from "../../src/store/task-statements.ts";
import { claimOne, counts, enqueue, task } from "../contract/builders.ts";
import { KEYS, tokenOf } from "../http/token-builder.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { SocketClient } from "../workers/socket-client.ts";

stoppedClock();

const failing = (): never => {
  throw new Error("the disk is on fire");
};

/** As one message. */
function claimsFrom1(count: number) {
  return { id: 1, op: "claim", bodies: Array.from({ length: count }, () => ({})) };
}

/** An enqueue under a call of its own. */
function sent(call: object | undefined, payload: number): [string, object] {
  return ["enqueue", { payload, call }];
}

describe("opening", () => {
  test("a request that is no upgrade is answered with that", async () => {
    const response = await exports.default.fetch("http://localhost/v1/queues/orders/socket");
    expect(response.status).toBe(426);
    expect(await response.json()).toMatchObject({ code: "upgrade-required" });
  });

  test("opening a socket writes nothing and does not create the queue", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    expect(await client.ask("getQueue")).toMatchObject({
      problem: { code: "queue-not-found", status: 404, queue: queue.name },
    });
    expect(await runInDurableObject(queue.stub, (object) => object.usage().rowsWritten)).toBe(0);
  });
});

describe("a token", () => {
  const keyed = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };
  const open = async (queue: string, headers: Readonly<Record<string, string>>): Promise<Response> => {
    const request = new Request(`http://localhost/v1/queues/${queue}/socket`, {
      headers: { upgrade: "websocket", ...headers },
    });
    return fetchRoute(request, keyed, createExecutionContext());
  };

  test("opens a socket that may do what it allows on its queues, whatever a header says", async () => {
    const queue = new ObjectQueue();
    const token = await tokenOf({ claims: { queues: [queue.name], can: ["enqueue"] } });
    const forged = { [SOCKET_GRANT_HEADER]: JSON.stringify({ queues: ["*"], can: ACTIONS }) };
    const client = SocketClient.over(await open(queue.name, { authorization: `Bearer ${token}`, ...forged }));
    const answers = await client.askAll([
      ["enqueue", { payload: 1 }],
      ["claim", {}],
      ["credit", { n: 1 }],
      ["modify", { insert: [{ payload: 1, queue: "another" }] }],
    ]);
    expect(answers.map(({ problem }) => problem?.code ?? "ok")).toEqual(["ok", "forbidden", "forbidden", "forbidden"]);
  });

  test("of a browser is a subprotocol, and is not sent back", async () => {
    const token = await tokenOf();
    const protocols = `edgeq.v1, edgeq.token.${token}`;
    const response = await open(new ObjectQueue().name, { "sec-websocket-protocol": protocols });
    expect([response.status, response.headers.get("sec-websocket-protocol")]).toEqual([101, "edgeq.v1"]);
  });

  test("is needed, and must be for this queue", async () => {
    expect((await open("orders", {})).status).toBe(401);
    const token = await tokenOf({ claims: { queues: ["others"] } });
    expect((await open("orders", { authorization: `Bearer ${token}` })).status).toBe(403);
  });

  test("that may modify needs enqueue for what a modify inserts, on the queue it goes to", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.openFor(queue.name, ["claim", "enqueue"]);
    const inserts = [queue.name, "another"].map((to) => ["modify", { insert: [{ payload: 1, queue: to }] }] as const);
    const answers = await client.askAll(inserts);
    expect(answers).toMatchObject([
      { ok: {} },
      { problem: { code: "forbidden", action: "enqueue", queue: "another" } },
    ]);
  });
});

describe("requests", () => {
  test("a task's life: enqueue, claim, ack, each answered as over HTTP", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    expect(await client.ask("enqueue", { payload: { n: 1 }, id: "order-1" })).toMatchObject({
      ok: { tasks: [{ id: "order-1", version: 1, duplicate: false }] },
    });
    const claimed = (await client.ask("claim", { claimant: "me" })).ok as { tasks: { claim: string }[] };
    expect(claimed).toMatchObject({ tasks: [{ id: "order-1", payload: { n: 1 }, attempts: 1, encoding: "json" }] });
    const token = claimed.tasks[0]?.claim;
    expect((await client.ask("ack", { claims: [token] })).ok).toEqual({ results: [{ claim: token, ok: true }] });
    expect((await client.ask("ack", { claims: [token] })).ok).toEqual({
      results: [{ claim: token, ok: false, code: "task-not-found" }],
    });
  });

  test("every other operation is there too", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    const ask = async (op: string, body?: unknown) => (await client.ask(op, body)).ok;
    expect(await ask("configure", { maxAttempts: 2 })).toMatchObject({ settings: { maxAttempts: 2 } });
    await ask("enqueue", {
      tasks: [
        { payload: 1, id: "a" },
        { payload: 2, id: "b" },
        { payload: 3, id: "c" },
      ],
    });
    expect(await ask("getQueue")).toMatchObject({ stats: { ready: 3 } });
    expect(await ask("browse", { limit: 2 })).toMatchObject({
      tasks: [{ id: "a" }, { id: "b" }],
      cursor: expect.any(String),
    });
    expect(await ask("getTask", { id: "b" })).toMatchObject({ id: "b", payload: 2, state: "ready" });
    expect(await ask("changeTask", { id: "b", version: 1, payload: "new" })).toMatchObject({
      payload: "new",
      version: 2,
    });
    expect(await ask("cancelTask", { id: "b" })).toEqual({ id: "b" });
    const held = (await ask("claim", { max: 2 })) as { tasks: { claim: string }[] };
    const [a, c] = held.tasks.map(({ claim }) => claim);
    expect(await ask("extend", { claims: [a], claimTimeoutMs: 90_000 })).toMatchObject({
      results: [{ claim: a, ok: true, claimedUntil: queue.now() + 90_000 }],
    });
    expect(await ask("nack", { claims: [a, { claim: c, dead: true }] })).toMatchObject({
      results: [{ ok: true }, { ok: true }],
    });
    expect(await ask("redrive", {})).toEqual({ tasks: 1, notFound: [], more: false, cursor: null, leftChanged: [] });
    expect(await ask("purge")).toEqual({ tasks: 2 });
    expect(await ask("deleteQueue")).toEqual({ tasks: 0 });
  });

  test("bytes travel as base64", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    await client.ask("enqueue", { payload: "AAEC/w==", encoding: "base64" });
    expect((await client.ask("claim")).ok).toMatchObject({
      tasks: [{ payload: "AAEC/w==", encoding: "base64", contentType: "application/octet-stream" }],
    });
  });

  test("an id may be a text, and is sent back as it came", async () => {
    const client = await SocketClient.open(new ObjectQueue().name);
    client.send(JSON.stringify({ id: 'a "b"', op: "enqueue", body: { payload: 1 } }));
    await client.until(() => client.received.length > 0);
    expect(client.received[0]).toMatchObject({ id: 'a "b"', ok: { tasks: [{ version: 1 }] } });
  });

  test("requests of one frame are answered in one frame, the refused beside the others", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    const answers = await client.askAll([
      ["enqueue", { payload: 1 }],
      ["enqueue", { payload: 2, lane: "no lane" }],
      ["cancelTask", { id: "not there" }],
      ["enqueue", { payload: 3 }],
    ]);
    expect(answers).toMatchObject([
      { ok: { tasks: [{}] } },
      { problem: { code: "invalid-request", field: "lane" } },
      { problem: { code: "task-not-found" } },
      { ok: { tasks: [{}] } },
    ]);
    expect(client.frames).toHaveLength(1);
    expect(await counts(queue)).toEqual([2, 0, 0, 0]);
  });

  describe("of one operation in one message", () => {
    const producer = "0123456789abcdef";
    const bodies = [{ payload: 1 }, { payload: 2, lane: "no lane" }, null, { payload: 3 }];

    test("are answered as if each had come by itself, with ids and numbers that rise by one", async () => {
      const queue = new ObjectQueue();
      const client = await SocketClient.open(queue.name);
      client.send(JSON.stringify({ id: 5, op: "enqueue", call: { producer, number: 7, from: 7 }, bodies }));
      await client.until(() => client.received.length === 4);
      const [bad, none, first, last] = client.received;
      expect([bad, none]).toMatchObject([
        { id: 6, problem: { code: "invalid-request", field: "lane" } },
        { id: 7, problem: { code: "invalid-request", field: "body" } },
      ]);
      expect([first?.id, last?.id]).toEqual([5, 8]);
      const again = await client.askAll([
        sent({ producer, number: 7 }, 1),
        sent({ producer, number: 8 }, 2),
        sent({ producer, number: 10 }, 3),
        sent({ producer, number: 6 }, 4),
      ]);
      expect([again[0]?.ok, again[2]?.ok]).toEqual([first?.ok, last?.ok]);
      expect(again[1]?.ok).toBeDefined();
      expect(again[3]).toMatchObject({ problem: { code: "call-forgotten" } });
      expect(await counts(queue)).toEqual([3, 0, 0, 0]);
    });

    test("need no call, and may be of an operation that takes none", async () => {
      const queue = new ObjectQueue();
      const client = await SocketClient.open(queue.name);
      client.send(JSON.stringify({ id: 1, op: "enqueue", bodies: [{ payload: 1 }, { payload: 2 }] }));
      client.send(JSON.stringify({ id: 3, op: "claim", bodies: [{}, { max: 5 }] }));
      await client.until(() => client.received.length === 4);
      expect(client.received.slice(2)).toMatchObject([
        { id: 3, ok: { tasks: [{ payload: 1 }] } },
        { id: 4, ok: { tasks: [{ payload: 2 }] } },
      ]);
    });

    test.each([
      ["message.bodies", { bodies: [] }],
      ["message.bodies", { bodies: {} }],
      ["message.body", { bodies: [{ payload: 1 }], body: {} }],
      ["message.call", { bodies: [{ payload: 1 }], call: null }],
      ["message.call.number", { bodies: [{ payload: 1 }], call: { producer } }],
      ["message.call.number", { bodies: [{}, {}], call: { producer, number: Number.MAX_SAFE_INTEGER } }],
      ["message.call", { op: "claim", bodies: [{}], call: { producer, number: 1 } }],
      ["message.call", { op: "nothing", bodies: [{}], call: { producer, number: 1 } }],
      ["message.id", { id: Number.MAX_SAFE_INTEGER, bodies: [{ payload: 1 }, { payload: 2 }] }],
      ["message.id", { id: "text", bodies: [{ payload: 1 }] }],
      ["message.op", { op: "nothing", bodies: [{ payload: 1 }] }],
      ["call", { bodies: [{ payload: 1, call: { producer, number: 2 } }], call: { producer, number: 1 } }],
    ])("are refused for %s: %j", async (field, message) => {
      const queue = new ObjectQueue();
      const client = await SocketClient.open(queue.name);
      client.send(JSON.stringify({ id: 1, op: "enqueue", ...message }));
      await client.until(() => client.received.length > 0);
      const id = "id" in message ? message.id : 1;
      expect(client.received).toMatchObject([{ id, problem: { code: "invalid-request", field } }]);
    });

    test("are counted one by one: no frame has more than it may", async () => {
      const queue = new ObjectQueue();
      const client = await SocketClient.open(queue.name);
      client.send(JSON.stringify([claimsFrom1(LIMITS.frameMessages - 1), { id: 0, op: "claim" }]));
      await client.until(() => client.received.length === LIMITS.frameMessages);
      expect(client.received.filter(({ problem }) => problem !== undefined)).toEqual([]);
      client.send(JSON.stringify([claimsFrom1(LIMITS.frameMessages), { id: 0, op: "claim" }]));
      expect(await client.closed).toMatchObject({ code: 1007 });
      expect(client.received.at(-1)).toMatchObject({ id: null, problem: { code: "invalid-request", field: "frame" } });
    });
  });

  test("a claim in a frame does not wait", async () => {
    const client = await SocketClient.open(new ObjectQueue().name);
    expect(await client.ask("claim", { waitMs: 1 })).toMatchObject({
      problem: { code: "invalid-request", field: "waitMs" },
    });
    expect(await client.ask("claim", { waitMs: 0 })).toMatchObject({ ok: { tasks: [] } });
  });

  test("a claim takes no further task beyond the bytes of a frame", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    const quarter = task("x".repeat(LIMITS.frameTaskBytes / 4));
    await enqueue(queue, ...Array.from({ length: 8 }, () => quarter));
    const { tasks } = (await client.ask("claim", { max: 8 })).ok as { tasks: unknown[] };
    expect(tasks).toHaveLength(4);
  });

  test("more requests than may be unanswered are refused, and those before them are not", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    const requests = Array.from({ length: LIMITS.socketRequests }, (_, id) => ({
      id,
      op: "enqueue",
      body: { payload: id },
    }));
    // Two frames of one turn: the object takes both in before it applies the first.
    await runInDurableObject(queue.stub, (object, state) => {
      const [socket] = state.getWebSockets();
      if (socket === undefined) throw new Error("expected a socket");
      object.webSocketMessage(socket, JSON.stringify(requests));
      object.webSocketMessage(socket, JSON.stringify({ id: "one too many", op: "enqueue", body: { payload: 0 } }));
    });
    await client.until(() => client.received.length > LIMITS.socketRequests);
    expect(client.received.filter(({ problem }) => problem !== undefined)).toMatchObject([
      { id: "one too many", problem: { code: "rate-limited" } },
    ]);
    expect((await counts(queue))[0]).toBe(LIMITS.socketRequests);
  });

  test("requests count as unanswered until they are answered, once each, also those of a turn that fails", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.open(queue.name);
    await enqueue(queue, task("first"));
    const many = Array.from({ length: LIMITS.socketRequests }, () => ["enqueue", { payload: 1 }] as const);
    const codes = async (): Promise<string[]> => [
      ...new Set((await client.askAll(many)).map(({ problem }) => problem?.code ?? "ok")),
    ];
    vi.spyOn(console, "error").mockImplementation(() => {});
    const writing = vi.spyOn(TaskStatements.prototype, "insertPlain");
    // All of the turn is undone, and its jobs are run again by themselves.
    writing.mockImplementationOnce(failing);
    expect(await codes()).toEqual(["ok"]);
    writing.mockImplementation(failing);
    expect(await codes()).toEqual(["internal"]);
    vi.restoreAllMocks();
    expect(await codes()).toEqual(["ok"]);
    // And no more is free than there was.
    await runInDurableObject(queue.stub, (object, state) => {
      const [socket] = state.getWebSockets();
      if (socket === undefined) throw new Error("expected a socket");
      object.webSocketMessage(socket, JSON.stringify(many.map(([op, body], id) => ({ id, op, body }))));
      object.webSocketMessage(socket, JSON.stringify({ id: "one too many", op: "enqueue", body: { payload: 0 } }));
    });
    const last = (): (typeof client.received)[number] | undefined =>
      client.received.find(({ id }) => id === "one too many");
    await client.until(() => last() !== undefined);
    expect(last()).toMatchObject({ problem: { code: "rate-limited" } });
  });
});

describe("actions", () => {
  const requests = {
    enqueue: ["enqueue", { payload: 1 }],
    claim: ["credit", { n: 0 }],
    browse: ["browse", {}],
    manage: ["purge", {}],
  } as const;
  const actions = ACTIONS.filter((action) => action !== "admin");

  test.each(actions)("a socket that may %s may do that and nothing else", async (allowed) => {
    const queue = new ObjectQueue();
    await enqueue(queue, task(1));
    const client = await SocketClient.openFor(queue.name, [allowed]);
    const answers = await client.askAll(actions.map((action) => requests[action]));
    const codes = answers.map(({ problem }) => problem?.code ?? "ok");
    expect(codes).toEqual(actions.map((action) => (action === allowed ? "ok" : "forbidden")));
  });

  test("what a socket may do outlives eviction, and is not the client's to say", async () => {
    const queue = new ObjectQueue();
    const client = await SocketClient.openFor(queue.name, ["enqueue"]);
    await client.ask("enqueue", { payload: 1 });
    await evictDurableObject(queue.stub);
    expect(await client.ask("claim")).toMatchObject({ problem: { code: "forbidden" } });
    expect(await client.ask("enqueue", { payload: 2 })).toMatchObject({ ok: {} });
  });
});

describe("frames that are refused", () => {
  const messages: [string, unknown, string][] = [
    ["a text", "hello", "message"],
    ["null", null, "message"],
    ["no id", { op: "claim" }, "message.id"],
    ["an id that is no integer", { id: 1.5, op: "claim" }, "message.id"],
    ["an id that is too long", { id: "x".repeat(65), op: "claim" }, "message.id"],
    ["no operation", { id: 1 }, "message.op"],
    ["an unknown operation", { id: 1, op: "steal" }, "message.op"],
    ["an operation that every object has", { id: 1, op: "constructor" }, "message.op"],
    ["an unknown field", { id: 1, op: "claim", max: 1 }, "message.max"],
    ["a body that is no object", { id: 1, op: "claim", body: [] }, "body"],
    ["a body that is null", { id: 1, op: "purge", body: null }, "body"],
    ["an unknown field of the body", { id: 1, op: "claim", body: { nax: 1 } }, "nax"],
    ["credit without n", { id: 1, op: "credit", body: {} }, "n"],
    ["too much credit", { id: 1, op: "credit", body: { n: 1_001 } }, "n"],
    ["a sync that was made up", { op: "sync", sync: "all" }, "message.sync"],
  ];
  test.each(messages)("%s is answered, and the socket stays open", async (_what, message, field) => {
    const client = await SocketClient.open(new ObjectQueue().name);
    client.send(JSON.stringify(message));
    await client.until(() => client.received.length > 0);
    expect(client.received[0]).toMatchObject({ problem: { code: "invalid-request", field } });
    expect(await client.ask("enqueue", { payload: 1 })).toMatchObject({ ok: {} });
  });

  const frames: [string, string | ArrayBuffer, number][] = [
    ["text that is not JSON", "hello", 1007],
    ["an empty frame", "", 1007],
    ["JSON nested too deep", "[".repeat(101) + "]".repeat(101), 1007],
    ["an array of none", "[]", 1007],
    ["a text that may have been bytes that are no UTF-8", `{"id":1,"op":"getDocument","body":{"key":"\uFFFD"}}`, 1007],
    ["an array of too many", JSON.stringify(Array.from({ length: 1_001 }, (_, id) => ({ id, op: "getQueue" }))), 1007],
    ["a binary frame", new Uint8Array([1, 2, 3]).buffer, 1003],
    ["a frame of one byte too many", `"${"x".repeat(LIMITS.frameBytes - 1)}"`, 1009],
    [
      "a frame whose characters are few and whose bytes are too many",
      `"${"€".repeat(Math.ceil(LIMITS.frameBytes / 3))}"`,
      1009,
    ],
  ];
  test.each(frames)("%s is answered, and the socket closed", async (_what, frame, code) => {
    const client = await SocketClient.open(new ObjectQueue().name);
    client.send(frame);
    expect(await client.closed).toMatchObject({ code });
    expect(client.received).toMatchObject([{ id: null, problem: { code: "invalid-request" } }]);
  });

  test("the largest frame is taken", async () => {
    const client = await SocketClient.open(new ObjectQueue().name);
    const [head, tail] = ['{"id":1,"op":"enqueue","body":{"tasks":[{"payload":"', '"}]}}'];
    const half = "x".repeat(1_000_000);
    const frame = `${head}${half}"},{"payload":"${half}${tail}`;
    client.send(frame + " ".repeat(LIMITS.frameBytes - frame.length));
    await client.until(() => client.received.length > 0);
    expect(client.received).toMatchObject([{ id: 1, ok: { tasks: [{}, {}] } }]);
  });
});

test("the refusal of an unknown operation names all that there are", async () => {
  const client = await SocketClient.open(new ObjectQueue().name);
  const { problem } = await client.ask("steal");
  expect(problem).toMatchObject({ code: "invalid-request", field: "message.op", given: "steal" });
  const { allowed } = problem as { readonly allowed?: string };
  expect(allowed?.split(", ").toSorted()).toEqual(["credit", "watch", ...Object.keys(OPERATIONS)].toSorted());
});

test("ping is answered without waking the object", async () => {
  const queue = new ObjectQueue();
  const client = await SocketClient.open(queue.name);
  await client.ask("enqueue", { payload: 1 });
  await evictDurableObject(queue.stub);
  client.send("ping");
  await client.until(() => client.frames.includes("pong"));
  // Only an object that is running can be evicted.
  await expect(evictDurableObject(queue.stub)).rejects.toThrow("not currently running");
});

test("a socket that the queue closed gets no further answer, and the queue goes on", async () => {
  const queue = new ObjectQueue();
  const client = await SocketClient.open(queue.name);
  client.send("not JSON");
  client.send(JSON.stringify({ id: 1, op: "enqueue", body: { payload: 1 } }));
  await client.closed;
  await enqueue(queue, task("after"));
  expect((await claimOne(queue)).payload).toBe('"after"');
});
