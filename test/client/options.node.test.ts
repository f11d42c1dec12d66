import { describe, expect, it } from "vitest";
import * as client from "../../src/client/index.ts";
import { QUEUE_NAME as CLIENT_QUEUE_NAME } from "../../src/client/queue-options.ts";
import { consume, consumeBatches } from "../../src/consumer/index.ts";
import { LIMITS, QUEUE_NAME } from "../../src/core/limits.ts";
import { problem, type ProblemCode } from "../../src/protocol/problem.ts";
import { ScriptedTransport } from "./scripted-transport.ts";

const { Queue, PROBLEMS } = client;
const URL_ = "http://localhost:1";
const queue = new Queue("q", { transport: new ScriptedTransport() });

/** What the error of a wrong option says. */
function refusalOf(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    if (error instanceof client.InvalidOptionError) return `${error.option} | ${error.allowed}`;
    throw error;
  }
  throw new Error("it was not refused");
}

describe("a wrong option of a queue fails at construction", () => {
  it.each<[string, object, string]>([
    ["", { url: URL_ }, "name | a queue name matching"],
    ["a/b", { url: URL_ }, "name | a queue name matching"],
    ["q", {}, "url | an http or https URL"],
    ["q", { url: "ftp://x" }, "url | an http or https URL"],
    ["q", { url: `${URL_}?a=1` }, "url | an http or https URL"],
    ["q", { url: URL_, tokn: "x" }, "options.tokn | one of url, token"],
    ["q", { url: URL_, token: "two words" }, "token | a token without spaces"],
    ["q", { url: URL_, timeoutMs: 0 }, "timeoutMs | an integer from 1 to 600,000 (ms)"],
    ["q", { url: URL_, retry: { attempts: 0 } }, "retry.attempts | an integer from 1 to 100"],
    ["q", { url: URL_, retry: { minMs: 500, maxMs: 499 } }, "retry.maxMs | an integer from 500 to 600,000 (ms)"],
    ["q", { url: URL_, retry: { times: 3 } }, "retry.times | one of attempts, minMs, maxMs"],
    ["q", { url: URL_, batch: { maxItems: 1_001 } }, "batch.maxItems | an integer from 1 to 1,000"],
    ["q", { url: URL_, idempotent: 1 }, "idempotent | true or false"],
    ["q", { url: URL_, schema: {} }, "schema | a schema with the Standard Schema interface"],
    ["q", { url: URL_, validateClaims: true }, "validateClaims | true together with a schema"],
    ["q", { transport: {} }, "transport | an object with a method call"],
    ["q", { transport: { call() {} }, url: URL_ }, "url | absent beside transport"],
  ])("%j %j", (name, options, refusal) => {
    expect(refusalOf(() => new Queue(name, options as client.QueueOptions))).toContain(refusal);
  });

  it("and does not show a token", () => {
    expect(() => new Queue("q", { url: URL_, token: "my secret" })).toThrow(/^token: given "string"/);
  });
});

describe("a wrong option of a consumer fails at construction", () => {
  it.each<[object, string]>([
    [{ concurrency: 0 }, "concurrency | an integer from 1 to 1,000"],
    [{ concurrency: 1.5 }, "concurrency | an integer from 1 to 1,000"],
    [{ prefetch: -1 }, "prefetch | an integer from 0 to 10,000"],
    [{ claimTimeoutMs: 999 }, "claimTimeoutMs | an integer from 1,000 to 43,200,000 (ms)"],
    [{ claimTimeoutMs: 5_000, extendEveryMs: 5_000 }, "extendEveryMs | an integer from 100 to 4,999 (ms)"],
    [{ handlerTimeoutMs: 0 }, "handlerTimeoutMs | an integer from 1 to 43,200,000 (ms)"],
    [{ waitMs: 20_001 }, "waitMs | an integer from 0 to 20,000 (ms)"],
    [{ concurency: 3 }, "options.concurency | one of queue, concurrency"],
    [{ batch: { maxItems: 5 } }, "options.batch | one of queue, concurrency"],
    [{ breaker: { failures: 0 } }, "breaker.failures | an integer from 1 to 10,000"],
    [{ breaker: { pauseMs: 500, maxPauseMs: 400 } }, "breaker.maxPauseMs | an integer from 500 to 86,400,000 (ms)"],
    [{ backoff: 5 }, "backoff | a function"],
    [{ claimant: "" }, "claimant | text of 1 to 128 characters"],
    [{ lanes: "high" }, "lanes | an array of lane names"],
    [{ stopOn: ["TERM"] }, "stopOn | an array of signal names"],
    [{ queue: null }, "queue | a Queue"],
  ])("%j", (options, refusal) => {
    expect(refusalOf(() => consume(() => {}, { queue, ...options }))).toContain(refusal);
  });

  it("as do a handler that is none, and the options of batches", () => {
    expect(refusalOf(() => consume("x" as never, { queue }))).toBe("handler | a function");
    expect(refusalOf(() => consumeBatches(() => {}, { queue, batch: { maxWaitMs: -1 } }))).toBe(
      "batch.maxWaitMs | an integer from 0 to 600,000 (ms)",
    );
  });
});

describe("what the client knows of the server's limits", () => {
  it("is the same as the server's", () => {
    expect(CLIENT_QUEUE_NAME).toEqual(QUEUE_NAME);
    expect(LIMITS).toMatchObject({
      claimTimeoutMs: 43_200_000,
      waitMs: 20_000,
      batchTasks: 1_000,
      claimantLength: 128,
    });
  });
});

describe("the errors", () => {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];

  it("have an exported class for each problem code, carrying code, status and whether to retry", () => {
    const exported = client as unknown as Record<string, new (...given: unknown[]) => client.ProblemError>;
    for (const code of codes) {
      const name = `${code
        .split("-")
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
        .join("")}Error`;
      const Class = exported[name];
      expect(Class).toBeTypeOf("function");
      if (Class === undefined) continue;
      const error = new Class(problem(code, "why"), 5);
      expect(error).toBeInstanceOf(client.ProblemError);
      expect(error).toBeInstanceOf(client.EdgeqError);
      const { status, retryable, title } = PROBLEMS[code];
      expect(error).toMatchObject({ name, code, status, retryable, retryAfterMs: 5, message: `${title}: why` });
    }
  });

  it("answer to predicates", () => {
    const full = new client.QueueFullError(problem("queue-full", "x"), null);
    expect([client.isEdgeqError(full), client.isProblem(full), client.isProblem(full, "queue-full")]).toEqual([
      true,
      true,
      true,
    ]);
    expect([client.isProblem(full, "unauthorized"), client.isRetryable(full)]).toEqual([false, true]);
    expect([client.isEdgeqError(new Error("x")), client.isRetryable(undefined)]).toEqual([false, false]);
    expect(client.isRetryable(new client.UnauthorizedError(problem("unauthorized", "x"), null))).toBe(false);
  });
});
