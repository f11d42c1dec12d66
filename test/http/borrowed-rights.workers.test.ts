// Rights that a queue would use on somebody's behalf, and tokens that are limited to lanes, by every way in.

import { createExecutionContext, env } from "cloudflare:test";
import { describe, expect, test } from "vitest";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import { api } from "../workers/api.ts";
import { SocketClient } from "../workers/socket-client.ts";
import { KEYS, tokenOf } from "./token-builder.ts";

const ENV: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY, EDGEQ_KEYS: KEYS };

interface Told {
  readonly status: number;
  readonly body: Record<string, unknown>;
}

async function ask(claims: Record<string, unknown>, method: string, path: string, body: unknown): Promise<Told> {
  const headers = { authorization: `Bearer ${await tokenOf({ claims })}`, "content-type": "application/json" };
  const request = new Request(`http://localhost${path}`, { method, headers, body: JSON.stringify(body) });
  const response = await worker.fetch(request, ENV, createExecutionContext());
  return { status: response.status, body: await response.json() };
}

describe("naming a dead-letter queue", () => {
  const settings = { deadLetterQueue: "theirs" };

  test("needs the right to enqueue there", async () => {
    const { path, name } = api();
    const refused = await ask({ queues: [name], can: ["manage", "enqueue"] }, "PUT", path, settings);
    expect(refused).toMatchObject({ status: 403, body: { code: "forbidden", action: "enqueue", queue: "theirs" } });
    expect((await ask({ queues: [name, "theirs"], can: ["manage"] }, "PUT", path, settings)).status).toBe(403);
    expect((await ask({ queues: [name, "theirs"], can: ["manage", "enqueue"] }, "PUT", path, settings)).status).toBe(
      200,
    );
  });

  test("needs it over a socket too", async () => {
    const { name } = api();
    const socket = await SocketClient.openFor(name, ["manage", "enqueue"]);
    expect(await socket.ask("configure", settings)).toMatchObject({
      problem: { code: "forbidden", action: "enqueue", queue: "theirs" },
    });
    socket.close();
  });
});

test("sending changed dead letters back needs the right to enqueue where they came from", async () => {
  const { path, name } = api();
  const body = { changedTo: ["theirs"] };
  const refused = await ask({ queues: [name], can: ["manage", "enqueue"] }, "POST", `${path}/redrive`, body);
  expect(refused).toMatchObject({ status: 403, body: { code: "forbidden", action: "enqueue", queue: "theirs" } });
  const socket = await SocketClient.openFor(name, ["manage", "enqueue"]);
  expect(await socket.ask("redrive", body)).toMatchObject({ problem: { code: "forbidden", queue: "theirs" } });
  socket.close();
});

describe("a token limited to lanes", () => {
  const claims = { queues: ["*"], can: ["enqueue", "claim"], lanes: ["a"] };

  test("enqueues and claims in them, and settles what it claimed", async () => {
    const { path } = api();
    expect((await ask(claims, "POST", `${path}/tasks`, { payload: 1, lane: "a" })).status).toBe(201);
    const { body } = await ask(claims, "POST", `${path}/claim`, { lanes: ["a"] });
    const [task] = body["tasks"] as { claim: string }[];
    expect(await ask(claims, "POST", `${path}/ack`, { claims: [task?.claim] })).toMatchObject({
      body: { results: [{ ok: true }] },
    });
  });

  test("reaches no other lane, and nothing beside lanes", async () => {
    const queue = api();
    await queue.enqueue({ payload: 1 });
    for (const [method, rest, body, lane] of [
      ["POST", "/tasks", { payload: 1 }, "main"],
      ["POST", "/claim", {}, "main"],
      ["POST", "/claim", { waitMs: 1_000, lanes: ["a", "b"] }, "b"],
      ["POST", "/modify", { insert: [{ payload: 1, lane: "a" }] }, null],
      ["PUT", "/documents/k", { value: 1 }, null],
    ] as const) {
      expect(await ask(claims, method, queue.path + rest, body)).toMatchObject({ status: 403, body: { lane } });
    }
    expect(await queue.counts()).toMatchObject({ ready: 1, claimed: 0 });
  });

  test("is refused with other actions, or lanes that are none", async () => {
    for (const wrong of [{ can: ["manage"] }, { lanes: [] }, { lanes: ["a b"] }, { lanes: "a" }]) {
      expect((await ask({ ...claims, ...wrong }, "POST", "/v1/queues/q/claim", {})).status).toBe(401);
    }
  });
});
