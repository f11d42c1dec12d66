// The client against a real server on plain workerd.

import { describe, expect, it } from "vitest";
import { Queue, type QueueOptions } from "../../src/client/index.ts";
import { serverForTests } from "../node/server-for-tests.ts";

const server = serverForTests();
let queues = 0;

function open<Payload = unknown>(options: Partial<QueueOptions<Payload>> = {}): Queue<Payload> {
  return new Queue<Payload>(`client-${(queues += 1)}`, { url: server.url, ...options } as QueueOptions<Payload>);
}

describe("a task's life", () => {
  it("is enqueue, claim, ack, and then it is gone", async () => {
    const queue = open<{ order: number }>();
    const enqueued = await queue.enqueue({ order: 7 });
    expect(enqueued).toMatchObject({ version: 1, duplicate: false });
    const [task] = await queue.claim();
    expect(task).toMatchObject({ id: enqueued.id, payload: { order: 7 }, attempts: 1, contentType: null });
    await queue.ack(task?.claim ?? "");
    expect(await queue.get(enqueued.id)).toBeNull();
    expect(await queue.claim()).toEqual([]);
  });

  it("shows a second ack that the claim is lost", async () => {
    const queue = open();
    await queue.enqueue(1);
    const [task] = await queue.claim();
    if (task === undefined) throw new Error("nothing was claimed");
    await queue.ack(task);
    await expect(queue.ack(task)).rejects.toMatchObject({
      name: "ClaimLostError",
      code: "task-not-found",
      claim: task.claim,
    });
    expect(await queue.ackBatch([task])).toEqual([{ claim: task.claim, ok: false, code: "task-not-found" }]);
  });

  it("goes on after a nack with its error, and ends with dead", async () => {
    const queue = open();
    await queue.enqueue("x");
    const [first] = await queue.claim();
    await queue.nack(first?.claim ?? "", { delayMs: 0, error: "once" });
    const [second] = await queue.claim();
    expect(second).toMatchObject({ attempts: 2, error: "once" });
    await queue.nack(second?.claim ?? "", { dead: true, error: "for good" });
    const { tasks } = await queue.browse({ state: "dead" });
    expect(tasks).toMatchObject([{ state: "dead", error: "for good", payload: "x" }]);
    expect(await queue.redrive()).toMatchObject({ tasks: 1, more: false });
    expect(await queue.claim()).toMatchObject([{ payload: "x" }]);
  });

  it("is extended, to the deadline that the answer tells", async () => {
    const queue = open();
    await queue.enqueue("x");
    const [task] = await queue.claim({ claimTimeoutMs: 1_000 });
    if (task === undefined) throw new Error("nothing was claimed");
    expect(await queue.extend(task, 60_000)).toBeGreaterThan(task.claimedUntil + 50_000);
  });

  it("keeps JSON, text and bytes as they were", async () => {
    const queue = open();
    const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 256);
    const json = { a: [1, null, "ü", { b: true }], big: 2 ** 53 };
    await queue.enqueueBatch([
      { payload: json },
      { payload: "plain ü", contentType: "text/plain" },
      { payload: bytes },
      { payload: new Date(0) },
    ]);
    const tasks = await queue.claim({ max: 10 });
    expect(tasks.map(({ payload, contentType }) => ({ payload, contentType }))).toEqual([
      { payload: json, contentType: null },
      { payload: "plain ü", contentType: "text/plain" },
      { payload: bytes, contentType: "application/octet-stream" },
      { payload: "1970-01-01T00:00:00.000Z", contentType: null },
    ]);
  });

  it("carries its options", async () => {
    const queue = open();
    await queue.enqueue("x", { lane: "mail", priority: 5, headers: { trace: "t1" }, maxAttempts: 2, ttlMs: 60_000 });
    expect(await queue.claim()).toEqual([]);
    const [task] = await queue.claim({ lanes: ["mail"], claimant: "me" });
    expect(task).toMatchObject({ lane: "mail", priority: 5, headers: { trace: "t1" }, maxAttempts: 2 });
    const seen = await queue.get(task?.id ?? "");
    expect(seen).toMatchObject({ state: "claimed", claimant: "me" });
  });

  it("can be changed at its version and cancelled", async () => {
    const queue = open();
    const { id } = await queue.enqueue({ n: 1 }, { id: "order/7 ü" });
    const changed = await queue.change(id, 1, { payload: { n: 2 } });
    expect(changed).toMatchObject({ payload: { n: 2 }, version: 2 });
    await expect(queue.change(id, 1, { priority: 1 })).rejects.toMatchObject({
      name: "VersionConflictError",
      status: 409,
    });
    await queue.cancel(id);
    await expect(queue.cancel(id)).rejects.toMatchObject({ code: "task-not-found" });
  });
});

describe("an enqueue", () => {
  it("with retries on carries a number, so that it is written once however often it is sent", async () => {
    const bodies: string[] = [];
    const queue = open({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        bodies.push(init.body ?? "");
        if (bodies.length === 1) throw new TypeError("the connection was reset");
        return response;
      },
    });
    const enqueued = await queue.enqueue("once");
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toBe(bodies[1]);
    // As it was answered the first time.
    expect(enqueued).toMatchObject({ duplicate: false, version: 1 });
    expect((await queue.stats()).ready).toBe(1);
  });

  it("of many in flight is written once, when every connection breaks and answers come in any order", async () => {
    let broken = 0;
    const queue = open({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        broken += 1;
        if (broken <= 40 && broken % 3 !== 0) throw new TypeError("the connection was reset");
        return response;
      },
      retry: { attempts: 100, minMs: 1, maxMs: 1 },
    });
    const written = await Promise.all(Array.from({ length: 60 }, (_, payload) => queue.enqueue(payload)));
    expect(new Set(written.map(({ id }) => id)).size).toBe(60);
    expect((await queue.stats()).ready).toBe(60);
  });

  it("in a modify whose answer was lost is made once, and its claim is gone once", async () => {
    let modifies = 0;
    const queue = open({
      fetch: async (url, init) => {
        const response = await fetch(url, init);
        if (url.endsWith("/modify") && (modifies += 1) === 1) throw new TypeError("the connection was reset");
        return response;
      },
    });
    await queue.enqueue("in");
    const [held] = await queue.claim();
    const made = await queue.modify({ insert: [{ payload: "out" }], delete: [{ claim: held?.claim ?? "" }] });
    expect([modifies, made.inserted.length]).toEqual([2, 1]);
    expect(await queue.stats()).toMatchObject({ ready: 1, claimed: 0 });
  });

  it("that is not idempotent stays plain, and is not sent again when its answer is lost", async () => {
    const bodies: string[] = [];
    const queue = open({
      idempotent: false,
      fetch: (_url, init) => {
        bodies.push(init.body ?? "");
        return Promise.reject(new TypeError("the connection was reset"));
      },
    });
    await expect(queue.enqueue("x")).rejects.toMatchObject({
      name: "UnreachableError",
      code: "unreachable",
      attempts: 1,
    });
    expect(bodies).toEqual(['{"payload":"x"}']);
  });

  it("of a batch is all or nothing", async () => {
    const queue = open();
    await expect(queue.enqueueBatch([{ payload: 1 }, { payload: 2, delayMs: -1 }])).rejects.toMatchObject({
      name: "InvalidRequestError",
      problem: { field: "tasks[1].delayMs" },
    });
    await expect(queue.stats()).rejects.toMatchObject({
      code: "queue-not-found",
      message: `The queue does not exist: "${queue.name}" is created by its first task, or by PUT of its settings`,
    });
  });

  it("is gathered with others when asked, and one that is refused fails alone", async () => {
    const requests: string[] = [];
    const queue = open({
      batch: { maxItems: 50, maxWaitMs: 20 },
      fetch: (url, init) => {
        requests.push(url);
        return fetch(url, init);
      },
    });
    await Promise.all(Array.from({ length: 100 }, (_, n) => queue.enqueue(n)));
    expect(requests).toHaveLength(2);
    const claims = await queue.claim({ max: 100 });
    await Promise.all(claims.map((task) => queue.ack(task)));
    expect(requests).toHaveLength(5);

    const results = await Promise.allSettled([
      queue.enqueue("good"),
      queue.enqueue("bad", { priority: 1_000 }),
      queue.enqueue("good too"),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["fulfilled", "rejected", "fulfilled"]);
    expect((await queue.stats()).ready).toBe(2);
  });
});

describe("a claim", () => {
  // No answer is asked for: nothing is sent.
  const queue = new Queue("q", { url: "http://127.0.0.1:1", retry: false });

  it("that is none, such as the first of no tasks, is refused before anything is sent", async () => {
    const [none] = [] as never[];
    const refused = { name: "InvalidOptionError", option: "claim", allowed: "a claimed task, or its token" };
    await expect(queue.ack(none as never)).rejects.toMatchObject(refused);
    await expect(queue.nack({ id: "a" } as never)).rejects.toMatchObject(refused);
    await expect(queue.extend(null as never, 1_000)).rejects.toMatchObject(refused);
  });
});

describe("a modify", () => {
  it("commits the effect with the ack: a document changed, a task done and the next one there", async () => {
    const queue = open();
    const { version } = await queue.documents.put("sum", { total: 1 }, { version: 0 });
    await queue.enqueue(41);
    const [task] = await queue.claim();
    const changes = {
      change: [{ document: { key: "sum", version, value: { total: 42 } } }],
      delete: [{ claim: task?.claim ?? "" }],
      insert: [{ payload: Uint8Array.of(1, 2), lane: "next" }],
    };
    const { inserted, changed } = await queue.modify(changes);
    expect(changed).toMatchObject([{ document: { key: "sum" } }]);
    expect(inserted).toMatchObject([{ duplicate: false }]);
    expect(await queue.documents.get("sum")).toMatchObject({ value: { total: 42 } });
    expect(await queue.claim({ lanes: ["next"] })).toMatchObject([{ payload: Uint8Array.of(1, 2) }]);
    await expect(queue.modify(changes)).rejects.toMatchObject({
      name: "DependencyFailedError",
      problem: {
        failures: [
          { operation: "change", key: "sum", reason: "stale" },
          { operation: "delete", reason: "missing" },
        ],
      },
    });
  });

  it("that cannot be sent is refused, naming the item", async () => {
    await expect(open().modify({ insert: [{ payload: 1 }, { payload: 1n }] })).rejects.toMatchObject({
      path: "insert[1].payload",
    });
  });
});

describe("documents", () => {
  it("are put at their version, listed by prefix, and deleted", async () => {
    const queue = open();
    expect(await queue.documents.get("none")).toBeNull();
    for (const key of ["a.1", "a.2", "b.1"]) await queue.documents.put(key, { key });
    const page = await queue.documents.list({ prefix: "a.", limit: 1 });
    expect(page.documents.map(({ key }) => key)).toEqual(["a.1"]);
    const rest = await queue.documents.list({ prefix: "a.", cursor: page.cursor ?? "" });
    expect(rest.documents.map(({ value }) => value)).toEqual([{ key: "a.2" }]);
    await expect(queue.documents.put("a.1", 2, { version: 0 })).rejects.toMatchObject({ code: "version-conflict" });
    await queue.documents.delete("a.1");
    await expect(queue.documents.delete("a.1")).rejects.toMatchObject({ name: "DocumentNotFoundError" });
  });
});

describe("a queue", () => {
  it("is configured, paused, resumed, purged and deleted", async () => {
    const queue = open();
    const settings = await queue.configure({ maxAttempts: 3, backoff: { minMs: 5 } });
    expect(settings).toMatchObject({ maxAttempts: 3, backoff: { minMs: 5, factor: 2 } });
    await queue.pause();
    await expect(queue.claim({ retry: false })).rejects.toMatchObject({ name: "QueuePausedError", retryable: true });
    await queue.resume();
    await queue.enqueueBatch([{ payload: 1 }, { payload: 2 }, { payload: 3 }]);
    expect(await queue.purge()).toBe(3);
    expect(await queue.delete()).toBe(0);
    await expect(queue.info()).rejects.toMatchObject({ name: "QueueNotFoundError", status: 404 });
  });

  it("is browsed page by page", async () => {
    const queue = open<number>();
    await queue.enqueueBatch(Array.from({ length: 25 }, (_, n) => ({ payload: n })));
    const seen: number[] = [];
    for await (const task of queue.browseAll({ limit: 10 })) seen.push(task.payload);
    expect(seen).toEqual(Array.from({ length: 25 }, (_, n) => n));
  });

  it("lets a waiting claim be aborted, and the task go to the next", async () => {
    const queue = open<string>();
    const abort = new AbortController();
    const waiting = queue.claim({ waitMs: 20_000, signal: abort.signal });
    abort.abort(new Error("enough"));
    await expect(waiting).rejects.toThrow("enough");
    await queue.enqueue("x");
    expect(await queue.claim({ waitMs: 5_000 })).toMatchObject([{ payload: "x", attempts: 1 }]);
  });
});
