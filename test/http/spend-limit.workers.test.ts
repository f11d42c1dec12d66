// The platform refuses work, since the account may spend no more: whoever asks is told so, by every way in, and the queue goes on
// as it was as soon as it may.

import { createExecutionContext } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { beforeEach, expect, test, vi } from "vitest";
import { callOperation } from "../../src/binding/call-operation.ts";
import type { Env } from "../../src/http/route.ts";
import worker from "../../src/index.ts";
import { answerOf, api } from "../workers/api.ts";
import { runSql } from "../workers/object.ts";
import { expectProblem } from "../workers/problem.ts";
import { SocketClient } from "../workers/socket-client.ts";

beforeEach(() => void vi.spyOn(console, "error").mockImplementation(() => {}));
const CAP = "Exceeded the account's spending cap for Durable Objects.";
const FREE = [
  "Exceeded allowed rows written in Durable Objects free tier.",
  "Exceeded allowed volume of requests in Durable Objects free tier.",
  "Exceeded allowed duration in Durable Objects free tier.",
];

/** A namespace whose objects are not called any more. */
function refusing(message: string): Env {
  const refuse = (): Promise<never> => Promise.reject(new Error(message));
  const stub = { answer: refuse, operate: refuse, leave: refuse, receive: refuse, fetch: refuse };
  return { QUEUE: { getByName: () => stub }, DIRECTORY: env.DIRECTORY, EDGEQ_AUTH: "open" } as unknown as Env;
}

test.each([CAP, ...FREE])("a call that is refused with %j is a 503 that says when to come again", async (message) => {
  const request = new Request("http://localhost/v1/queues/orders");
  const answer = await answerOf<Record<string, unknown>>(
    await worker.fetch(request, refusing(message), createExecutionContext()),
  );
  expectProblem(answer, "spend-limit", { retryAfterMs: 300_000 });
  expect(answer.headers.get("retry-after")).toBe("300");
});

test("other errors of the platform are none", async () => {
  const request = new Request("http://localhost/v1/queues/orders");
  const other = refusing("Network connection lost");
  expectProblem(
    await answerOf<Record<string, unknown>>(await worker.fetch(request, other, createExecutionContext())),
    "internal",
  );
});

test("a binding is answered with the problem and its time", async () => {
  const props = { queues: ["*"], can: ["enqueue"] };
  const outcome = await callOperation(refusing(CAP), props, "orders", "enqueue", { payload: 1 });
  expect(outcome).toMatchObject({ kind: "problem", problem: { code: "spend-limit" }, retryAfterMs: 300_000 });
});

test("over a socket, which stays open at the limit, a message whose rows are refused gets the same, and later its answer", async () => {
  const queue = api();
  await queue.enqueue({ payload: "kept" });
  const socket = await SocketClient.open(queue.name);
  const quoted = CAP.replaceAll("'", "''");
  await runSql(queue.name, `CREATE TRIGGER spent BEFORE INSERT ON claims BEGIN SELECT RAISE(ABORT, '${quoted}'); END`);
  const refused = await socket.ask("claim", { max: 1 });
  expect(refused).toMatchObject({ problem: { code: "spend-limit", retryAfterMs: 300_000 } });
  await runSql(queue.name, "DROP TRIGGER spent");
  expect(await socket.ask("claim", { max: 1 })).toMatchObject({ ok: { tasks: [{ payload: "kept", attempts: 1 }] } });
});
