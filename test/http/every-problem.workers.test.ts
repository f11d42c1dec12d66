// Every problem code of the table, provoked over HTTP: its status, its document, and whether it says to try again.

import { createExecutionContext, runInDurableObject } from "cloudflare:test";
import { beforeEach, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import type { ProblemCode } from "../../src/protocol/problem.ts";
import { answerOf, api, send, type Answer, type QueueApi } from "../workers/api.ts";
import { stoppedClock } from "../workers/clock.ts";
import { runSql } from "../workers/object.ts";
import { expectProblem } from "../workers/problem.ts";
import { env } from "cloudflare:workers";

stoppedClock();
// What fails here on purpose is logged in full.
const logged = vi.fn<(...words: unknown[]) => void>();
beforeEach(() => void vi.spyOn(console, "error").mockImplementation(logged));
const PRODUCER = "0123456789abcdef";

type Provoke = (queue: QueueApi) => Promise<Answer>;

/** A code without a request here says where it is provoked instead. A new code does not compile until it has either. */
const PROVOKED: Readonly<Record<ProblemCode, Provoke | string>> = {
  "invalid-request": (queue) => queue.send("POST", "/tasks", {}),
  unauthorized: "needs keys: authorize.workers.test.ts",
  forbidden: "needs keys: authorize.workers.test.ts",
  "not-found": () => send("GET", "/v1/nothing"),
  "queue-not-found": (queue) => queue.send("GET", ""),
  "task-not-found": async (queue) => {
    await queue.configure({});
    return queue.send("GET", "/tasks/a");
  },
  "method-not-allowed": (queue) => queue.send("PUT", "/tasks", {}),
  "version-conflict": async (queue) => {
    await queue.enqueue({ payload: 1, id: "a" });
    return queue.send("PATCH", "/tasks/a", { version: 2, payload: 2 });
  },
  "document-not-found": async (queue) => {
    await queue.configure({});
    return queue.send("GET", "/documents/a");
  },
  "dependency-failed": async (queue) => {
    await queue.configure({});
    return queue.send("POST", "/modify", { depend: [{ document: { key: "a", version: 1 } }] });
  },
  "call-forgotten": async (queue) => {
    await queue.send("POST", "/tasks", { payload: 2, call: { producer: PRODUCER, number: 2, from: 2 } });
    return queue.send("POST", "/tasks", { payload: 1, call: { producer: PRODUCER, number: 1 } });
  },
  "call-reused": async (queue) => {
    const call = { producer: PRODUCER, number: 1 };
    await queue.send("POST", "/tasks", { payload: 1, call });
    return queue.send("POST", "/tasks", { payload: 2, call });
  },
  "export-ended": async (queue) => {
    await queue.configure({});
    return queue.send("POST", "/export", { cursor: "0123456789abcdef~2" });
  },
  "queue-not-empty": async (queue) => {
    await queue.enqueue({ payload: 1 });
    const head = { export: PRODUCER, format: 1, schema: 1, queue: "orders", exportedAt: 1 };
    return queue.send("POST", "/import", { head, at: 0, records: [] });
  },
  "not-supported": async (queue) => {
    await queue.configure({});
    return queue.send("POST", "/rewind", { to: Date.now() });
  },
  "queue-paused": async (queue) => {
    await queue.send("POST", "/pause");
    return queue.send("POST", "/claim", {});
  },
  "payload-too-large": (queue) => queue.send("POST", "/tasks", { payload: "x".repeat(LIMITS.payloadBytes) }),
  "unsupported-media-type": async (queue) => {
    const init = { method: "POST", body: "{}", headers: { "content-type": "text/plain" } };
    return answerOf(await queue.fetch("/claim", init));
  },
  "queue-full": async (queue) => {
    await queue.configure({ maxBacklog: 1 });
    return queue.send("POST", "/tasks", { tasks: [{ payload: 1 }, { payload: 2 }] });
  },
  "too-many-claims": async (queue) => {
    await queue.configure({ maxInFlight: 1 });
    await queue.enqueue({ payload: 1 });
    await queue.claimOne();
    return queue.send("POST", "/claim", {});
  },
  "upgrade-required": (queue) => queue.send("GET", "/socket"),
  "rate-limited": "needs a token: overload.workers.test.ts",
  "issuer-unavailable": "needs an issuer that does not answer: access.node.test.ts",
  "not-ready": "needs a damaged disk: damaged-state.node.test.ts",
  "request-timeout": "needs time: body-time.workers.test.ts",
  internal: async (queue) => {
    await queue.enqueue({ payload: 1 });
    await runSql(queue.name, "CREATE TRIGGER fail BEFORE INSERT ON claims BEGIN SELECT RAISE(ABORT, 'disk'); END");
    return queue.send("POST", "/claim", {});
  },
  "auth-not-configured": async (queue) => {
    const closed: Env = { QUEUE: env.QUEUE, DIRECTORY: env.DIRECTORY };
    const request = new Request(`http://edgeq.test${queue.path}`);
    return answerOf(await worker.fetch(request, closed, createExecutionContext()));
  },
  "budget-reached": async (queue) => {
    await queue.configure({ budget: { rowsPerHour: 1, onReach: "stop-enqueue" } });
    return queue.send("POST", "/tasks", { payload: 1 });
  },
  "storage-full": "needs a full disk: unfinished.workers.test.ts, full-disk.node.test.ts",
  "spend-limit": async (queue) => {
    await queue.enqueue({ payload: 1 });
    const refusal = "Exceeded the account''s spending cap for Durable Objects.";
    await runSql(
      queue.name,
      `CREATE TRIGGER spent BEFORE INSERT ON claims BEGIN SELECT RAISE(ABORT, '${refusal}'); END`,
    );
    return queue.send("POST", "/claim", {});
  },
  overloaded: async (queue) => {
    await runInDurableObject(env.QUEUE.getByName(queue.name), (object) => {
      const input = { max: 1, lanes: { inOrder: ["main"] } };
      for (let n = 0; n < LIMITS.parkedClaims; n += 1) void object.operate("claim", { ...input, waitMs: 1_000_000 });
    });
    return queue.send("POST", "/claim", { waitMs: 20_000 });
  },
};

const provoked = Object.entries(PROVOKED).flatMap(([code, provoke]) =>
  typeof provoke === "string" ? [] : [[code as ProblemCode, provoke] as const],
);

test.each(provoked)("%s", async (code, provoke) => {
  expectProblem(await provoke(api()), code);
});

test("a failure inside a queue is logged, not answered, and the queue goes on with what it had", async () => {
  const queue = api();
  await queue.enqueue({ payload: "kept" });
  await runSql(queue.name, "CREATE TRIGGER fail BEFORE INSERT ON claims BEGIN SELECT RAISE(ABORT, 'secret'); END");
  const answer = await queue.send("POST", "/claim", {});
  expectProblem(answer, "internal");
  expect(JSON.stringify(answer.body)).not.toContain("secret");
  expect(logged.mock.calls.flat().map(String).join()).toContain("secret");
  await runSql(queue.name, "DROP TRIGGER fail");
  expect(await queue.claimOne()).toMatchObject({ payload: "kept", attempts: 1 });
});
