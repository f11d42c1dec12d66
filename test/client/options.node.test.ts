import { describe, expect, it } from "vitest";
import * as client from "../../src/client/index.ts";
import { consume, consumeBatches } from "../../src/consumer/index.ts";
import { problemError } from "../../src/client/problem-error.ts";
import { problem, type ProblemCode } from "../../src/protocol/problem.ts";
import { ScriptedTransport, unreachable } from "./scripted-transport.ts";

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

function wrong(given: unknown): never {
  return given as never;
}

describe("an argument of the wrong kind", () => {
  it.each<[string, () => Promise<unknown>, string]>([
    ["enqueueBatch of text", () => queue.enqueueBatch(wrong("abc")), "tasks"],
    ["enqueueBatch of nothing", () => queue.enqueueBatch(wrong(undefined)), "tasks"],
    ["a task that is none", () => queue.enqueueBatch([{ payload: 1 }, wrong(null)]), "tasks[1]"],
    ["ackBatch of text", () => queue.ackBatch(wrong("abc")), "claims"],
    ["a claim that is none", () => queue.ackBatch([wrong(undefined)]), "claim"],
    ["nackBatch of a task", () => queue.nackBatch(wrong({})), "items"],
    ["a nack that is none", () => queue.nackBatch([wrong(null)]), "items[0]"],
    ["extendBatch of nothing", () => queue.extendBatch(wrong(null), 1), "claims"],
    ["options of an enqueue", () => queue.enqueue(1, wrong(null)), "options"],
    ["options of a claim", () => queue.claim(wrong("all")), "options"],
    ["options of a nack", () => queue.nack("c", wrong("it failed")), "options"],
    ["options of an ack", () => queue.ack("c", wrong(null)), "options"],
    ["options of a browse", () => queue.browse(wrong("dead")), "options"],
    ["changes of a modify", () => queue.modify(wrong(null)), "changes"],
    ["inserts of a modify", () => queue.modify({ insert: wrong({ payload: 1 }) }), "insert"],
    ["an insert of a modify", () => queue.modify({ insert: [wrong(null)] }), "insert[0]"],
    ["a change of a task", () => queue.change("id", 1, wrong(null)), "change"],
  ])("is refused by its name, in the promise: %s", async (_, call, option) => {
    await expect(call()).rejects.toMatchObject({ name: "InvalidOptionError", option });
  });

  it("fails alone where acks travel together", async () => {
    const transport = new ScriptedTransport({ kind: "answer", answer: { results: [{ claim: "c", ok: true }] } });
    const batching = new Queue("q", { transport, batch: { maxWaitMs: 0 } });
    const outcomes = await Promise.allSettled([batching.ack("c"), batching.ack(wrong(undefined))]);
    expect(outcomes.map(({ status }) => status)).toEqual(["fulfilled", "rejected"]);
  });
});

describe("a wrong option of a queue fails at construction", () => {
  it.each<[string, object, string]>([
    ["", { url: URL_ }, "name | a queue name matching"],
    ["a/b", { url: URL_ }, "name | a queue name matching"],
    ["q", {}, "url | an http(s) URL"],
    ["q", { url: "ftp://x" }, "url | an http(s) URL"],
    ["q", { url: `${URL_}?a=1` }, "url | an http(s) URL"],
    ["q", { url: URL_, tokn: "x" }, "options.tokn | one of url, token"],
    ["q", { url: URL_, token: "two words" }, "token | a token without spaces"],
    ["q", { url: URL_, timeoutMs: 0 }, "timeoutMs | an integer from 1 to 600,000 (ms)"],
    ["q", { url: URL_, retry: { attempts: 0 } }, "retry.attempts | an integer from 1 to 100"],
    ["q", { url: URL_, retry: { minMs: 500, maxMs: 499 } }, "retry.maxMs | an integer from 500 to 600,000 (ms)"],
    ["q", { url: URL_, retry: { times: 3 } }, "retry.times | one of attempts, minMs, maxMs"],
    ["q", { url: URL_, batch: { maxItems: 1_001 } }, "batch.maxItems | an integer from 1 to 1,000"],
    ["q", { url: URL_, idempotent: 1 }, "idempotent | true or false"],
    ["q", { url: URL_, schema: {} }, "schema | a Standard Schema"],
    ["q", { url: URL_, validateClaims: true }, "validateClaims | true with a schema"],
    ["q", { transport: {} }, "transport | an object with a method call"],
    ["q", { transport: { call() {} }, url: URL_ }, "url | absent beside transport"],
  ])("%j %j", (name, options, refusal) => {
    expect(refusalOf(() => new Queue(name, options as client.QueueOptions))).toContain(refusal);
  });

  it("and does not show a token", () => {
    expect(() => new Queue("q", { url: URL_, token: "my secret" })).toThrow(/^token: given "string"/);
  });
});

describe("a wrong option of a call is refused before anything is sent", () => {
  const calls: Record<string, (queue: client.Queue, given: never) => Promise<unknown>> = {
    timeoutMs: (q, timeoutMs) => q.enqueue(1, { timeoutMs }),
    "timeoutMs of a claim": (q, timeoutMs) => q.claim({ timeoutMs }),
    waitMs: (q, waitMs) => q.claim({ waitMs }),
    signal: (q, signal) => q.stats({ signal }),
    retry: (q, retry) => q.stats({ retry }),
    "documents' timeoutMs": (q, timeoutMs) => q.documents.get("a", { timeoutMs }),
  };
  it.each<[keyof typeof calls, readonly unknown[]]>([
    ["timeoutMs", [Infinity, 2 ** 31, Number.NaN, 0, -5, "5000", 1.5]],
    ["timeoutMs of a claim", [Infinity, 0]],
    ["waitMs", [Infinity, -1, 20_001, "5"]],
    ["signal", [new AbortController(), 5, null]],
    ["retry", [true, { attempts: 101 }]],
    ["documents' timeoutMs", [Infinity]],
  ])("%s", async (call, values) => {
    const transport = new ScriptedTransport();
    for (const value of values) {
      const error: unknown = await calls[call]?.(new Queue("q", { transport }), value as never).catch(
        (e: unknown) => e,
      );
      expect(error).toBeInstanceOf(client.InvalidOptionError);
    }
    expect(transport.calls).toEqual([]);
  });
});

describe("a task id or document key that cannot stand in a path", () => {
  const calls: Record<string, (q: client.Queue, name: string) => Promise<unknown>> = {
    get: (q, id) => q.get(id),
    change: (q, id) => q.change(id, 1, { priority: 1 }),
    cancel: (q, id) => q.cancel(id),
    "documents.get": (q, key) => q.documents.get(key),
    "documents.put": (q, key) => q.documents.put(key, 1),
    "documents.delete": (q, key) => q.documents.delete(key),
  };
  it.each(Object.keys(calls))("is refused by %s and never sent, as is one that is none", async (call) => {
    const sent: string[] = [];
    const fetch: client.Fetch = async (url) => {
      sent.push(url);
      throw new Error("sent");
    };
    for (const name of ["..", ".", "", "\ud800", undefined as never, 5 as never]) {
      const error: unknown = await calls[call]?.(new Queue("q", { url: URL_, fetch }), name).catch((e: unknown) => e);
      expect(error).toMatchObject({ name: "InvalidOptionError", allowed: expect.stringContaining('"."') });
    }
    expect(sent).toEqual([]);
  });
});

it("a key that is taken away from a task is sent as null, by change and by modify", async () => {
  const transport = new ScriptedTransport(unreachable, unreachable);
  const q = new Queue("q", { transport, retry: false, idempotent: false });
  await Promise.allSettled([
    q.change("a", 1, { key: null }),
    q.modify({ change: [{ id: "a", version: 1, key: null }] }),
  ]);
  expect(transport.calls.map(({ body }) => body)).toMatchObject([{ key: null }, { change: [{ key: null }] }]);
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

describe("the errors", () => {
  const codes = Object.keys(PROBLEMS) as ProblemCode[];

  it("have an exported class for each problem code, carrying code, status and whether to retry", () => {
    const exported = client as unknown as Record<string, new (...given: unknown[]) => client.ProblemError>;
    for (const code of codes) {
      const name = `${code
        .split("-")
        .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
        .join("")}Error`;
      // Said once: where the detail is a whole sentence about the same, the title would say it twice.
      const hasOwnTitle = !/^(invalid-request|forbidden|(task|document)-not-found|version-conflict)$/.test(code);
      const Class = exported[name];
      expect(Class).toBeTypeOf("function");
      if (Class === undefined) continue;
      const error = new Class(problem(code, "why"), 5);
      expect(error).toBeInstanceOf(client.ProblemError);
      expect(error).toBeInstanceOf(client.EdgeqError);
      const { status, retryable, title } = PROBLEMS[code];
      expect(error).toMatchObject({
        name,
        code,
        status,
        retryable,
        retryAfterMs: 5,
        message: hasOwnTitle ? `${title}: why` : "why",
      });
    }
  });

  it("are made of what the server answered, whichever classes a program names", () => {
    for (const code of codes) {
      const error = new client.ProblemError(code, problem(code, "why"), null);
      expect(error.name).toBe(problemError(problem(code, "why"), null).name);
      expect(problemError(problem(code, "why"), null).constructor.name).toBe(error.name);
    }
    const unknown = { ...problem("internal", "why"), code: "of-tomorrow" as ProblemCode, status: 503 };
    expect(problemError(unknown, null)).toMatchObject({
      name: "OfTomorrowError",
      code: "of-tomorrow",
      retryable: true,
    });
  });

  it("have names that no minifier changes", () => {
    const errors = [
      new client.InvalidOptionError("a", 1, "b"),
      new client.InvalidPayloadError("payload", "why"),
      new client.ClaimLostError("c", "task-not-found"),
      new client.UnreachableError(1, null),
      new client.ForeignAnswerError(new Error("x")),
    ];
    for (const error of errors) {
      expect(error.name).toBe(error.constructor.name);
      Object.defineProperty(error.constructor, "name", { value: "x" });
      expect(error.name).toMatch(/^[A-Z][a-zA-Z]+Error$/);
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
