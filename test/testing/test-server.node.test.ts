// edgeq/testing as its users' tests meet it: the real client and the real rules, in a time that stands still.

import { describe, expect, it } from "vitest";
import { consume, deadLetter, rateLimited, retryAfter, type HandlerContext } from "../../src/consumer/index.ts";
import { QueueNotFoundError, QueuePausedError, type ClaimedTask, type Queue } from "../../src/client/index.ts";
import { context, task, TestServer } from "../../src/testing/index.ts";

interface Order {
  readonly item: string;
}

const START_AT = Date.UTC(2026, 0, 1);

function arranged(): { server: TestServer; orders: Queue<Order> } {
  const server = new TestServer({ now: START_AT });
  return { server, orders: server.queue<Order>("orders") };
}

describe("a consumer driven step by step", () => {
  it("acks a task whose handler returns, and then finds nothing", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" });
    const seen: string[] = [];
    const consumer = server.consumer<Order>(({ payload }) => seen.push(payload.item), { queue: orders });
    expect(await consumer.step()).toMatchObject([{ kind: "acked", task: { payload: { item: "pen" }, attempts: 1 } }]);
    expect(await consumer.step()).toEqual([]);
    expect(seen).toEqual(["pen"]);
    expect(await orders.stats()).toMatchObject({ ready: 0, claimed: 0 });
  });

  it("offers a task that failed again after the queue's backoff, not a millisecond sooner", async () => {
    const { server, orders } = arranged();
    await orders.configure({ backoff: { minMs: 1_000, factor: 2, maxMs: 60_000, jitter: 0.5 } });
    await orders.enqueue({ item: "pen" });
    let failures = 0;
    const consumer = server.consumer<Order>(
      () => {
        if (++failures < 3) throw new Error("the printer is out of paper");
      },
      { queue: orders },
    );
    expect(await consumer.step()).toMatchObject([{ kind: "failed", visibleAt: START_AT + 1_000 }]);
    await server.advance(999);
    expect(await consumer.step()).toEqual([]);
    await server.advance(1);
    expect(await consumer.step()).toMatchObject([{ kind: "failed", visibleAt: START_AT + 3_000 }]);
    await server.advance(2_000);
    expect(await consumer.step()).toMatchObject([{ kind: "acked", task: { attempts: 3 } }]);
  });

  it("rests the key of a task whose handler was rate-limited, to the millisecond, and serves the others", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "first" }, { key: "slow-host" });
    await orders.enqueue({ item: "second" }, { key: "slow-host" });
    await orders.enqueue({ item: "other" }, { key: "quick-host" });
    let isOverloaded = true;
    const consumer = server.consumer<Order>(
      ({ key }) => {
        if (key === "slow-host" && isOverloaded) throw rateLimited(30_000);
      },
      { queue: orders },
    );
    expect(await consumer.drain()).toMatchObject([
      { kind: "snoozed", visibleAt: START_AT + 30_000, task: { payload: { item: "first" } } },
      { kind: "acked", task: { payload: { item: "other" } } },
    ]);
    await server.advance(29_999);
    expect(await consumer.step()).toEqual([]);
    await server.advance(1);
    isOverloaded = false;
    expect(await consumer.drain()).toMatchObject([
      // Without an order of keys, what came back takes its place by the instant at which it became visible.
      { kind: "acked", task: { payload: { item: "second" }, attempts: 1 } },
      { kind: "acked", task: { payload: { item: "first" }, attempts: 1 } },
    ]);
  });

  it("shows keys, pauses one and lets it go on, through the client", async () => {
    const { orders } = arranged();
    await orders.configure({ keys: { order: "strict" } });
    const [dead] = await orders.enqueueBatch(["a", "b"].map((item) => ({ payload: { item }, key: "tenant/42" })));
    const [held] = await orders.claim();
    expect(await orders.keys.get("tenant/42")).toMatchObject({ claimed: 1, ready: 1, limited: { by: "order" } });
    await orders.nack(held?.claim ?? "", { dead: true });
    expect(await orders.keys.list({ limited: "blocked" })).toMatchObject({
      keys: [{ key: "tenant/42", blockedBy: [dead?.id] }],
      cursor: null,
    });
    await orders.keys.unblock("tenant/42");
    expect((await orders.keys.set("tenant/42", { paused: true })).override.paused).toBe(true);
    expect(await orders.claim()).toEqual([]);
    expect((await orders.keys.reset("tenant/42")).limited).toBeNull();
    expect(await orders.claim()).toMatchObject([{ payload: { item: "b" } }]);
    await expect(orders.keys.get("..")).rejects.toThrow('key: given ".."');
  });

  it("hands what died to the dead-letter queue (P8, P9)", async () => {
    const { server, orders } = arranged();
    const dead = server.queue<Order>("orders-dead");
    await orders.configure({ maxAttempts: 2, deadLetterQueue: "orders-dead", backoff: { minMs: 0, maxMs: 0 } });
    await orders.enqueue({ item: "pen" });
    const consumer = server.consumer<Order>(() => Promise.reject(new Error("no paper")), { queue: orders });
    expect((await consumer.drain()).map(({ kind }) => kind)).toEqual(["failed", "dead"]);
    const [letter] = await dead.claim();
    expect(letter).toMatchObject({
      payload: { item: "pen" },
      origin: { queue: "orders", attempts: 2, error: "no paper" },
    });
  });

  it("follows what handlers throw on purpose, and the consumer's own backoff", async () => {
    const { server, orders } = arranged();
    await orders.enqueueBatch([
      { payload: { item: "closed" } },
      { payload: { item: "unknown" } },
      { payload: { item: "odd" } },
    ]);
    const consumer = server.consumer<Order>(
      ({ payload: { item } }) => {
        if (item === "closed") throw retryAfter(60_000);
        throw item === "unknown" ? deadLetter("no such item") : new Error("odd");
      },
      { queue: orders, backoff: () => 7 },
    );
    expect(await consumer.drain()).toMatchObject([
      { kind: "failed", visibleAt: START_AT + 60_000 },
      { kind: "dead" },
      { kind: "failed", visibleAt: START_AT + 7 },
    ]);
  });

  it("settles the tasks of a batch each by itself", async () => {
    const { server, orders } = arranged();
    await orders.enqueueBatch(["a", "b", "c"].map((item) => ({ payload: { item } })));
    const consumer = server.batchConsumer<Order>(
      (tasks, batch) => {
        const [, second] = tasks;
        if (second !== undefined) batch.fail(second, new Error("b"));
      },
      { queue: orders, maxItems: 10 },
    );
    expect((await consumer.step()).map(({ kind }) => kind)).toEqual(["acked", "failed", "acked"]);
  });

  it("says that a claim was lost while the handler ran (P4)", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" });
    const consumer = server.consumer<Order>(() => server.advance(30_000), { queue: orders });
    expect(await consumer.step()).toMatchObject([{ kind: "lost" }]);
  });

  it("says that a task is acked whose handler has finished it itself", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" });
    const consumer = server.consumer<Order>(({ claim }) => orders.modify({ delete: [{ claim }] }), { queue: orders });
    expect(await consumer.step()).toMatchObject([{ kind: "acked" }]);
  });

  it("gives a payload that does not fit the schema to the dead, unseen", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" });
    const schema = {
      "~standard": { version: 1, vendor: "test", validate: () => ({ issues: [{ message: "not like this" }] }) },
    } as const;
    const strict = server.queue<unknown, Order>("orders", { schema, validateClaims: true });
    const consumer = server.consumer<Order>(() => expect.unreachable(), { queue: strict });
    expect(await consumer.step()).toMatchObject([{ kind: "dead", task: { payload: { item: "pen" } } }]);
  });

  it("rejects while the queue is paused", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" });
    await orders.pause();
    await expect(server.consumer<Order>(() => {}, { queue: orders }).step()).rejects.toThrow(QueuePausedError);
  });
});

describe("time", () => {
  it("stands still, and a schedule in the future is a step away", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" }, { delayMs: 86_400_000 });
    const consumer = server.consumer<Order>(() => {}, { queue: orders });
    await server.advance(86_399_999);
    expect(await consumer.step()).toEqual([]);
    await server.advance(1);
    expect(await consumer.step()).toMatchObject([{ kind: "acked" }]);
    expect(server.now).toBe(START_AT + 86_400_000);
  });

  it("ends claims that nobody settled (P3, P8)", async () => {
    const { server, orders } = arranged();
    await orders.configure({ maxAttempts: 1, deadLetterQueue: "orders-dead" });
    await orders.enqueue({ item: "pen" });
    await orders.claim({ claimTimeoutMs: 5_000 });
    await server.advance(5_000);
    expect(await server.queue("orders-dead").stats()).toMatchObject({ ready: 1 });
  });

  it("wakes a claim that waits, by a task that comes or by its own end", async () => {
    const { server, orders } = arranged();
    const waiting = orders.claim({ waitMs: 10_000 });
    await orders.enqueue({ item: "pen" });
    expect(await waiting).toMatchObject([{ payload: { item: "pen" } }]);
    const inVain = orders.claim({ waitMs: 10_000 });
    await server.advance(10_000);
    expect(await inVain).toEqual([]);
    const left = new AbortController();
    const gone = orders.claim({ waitMs: 10_000, signal: left.signal });
    left.abort(new Error("enough"));
    await expect(gone).rejects.toThrow("enough");
  });

  it.each([-1, 1.5, Number.NaN])("refuses to advance by %d", async (ms) => {
    await expect(arranged().server.advance(ms)).rejects.toThrow(RangeError);
  });

  it.each([0, 1.5, Number.NaN])("refuses to begin at %d", (now) => {
    expect(() => new TestServer({ now })).toThrow(RangeError);
  });
});

describe("what was enqueued", () => {
  it("is listed in order with its options, also when it is done, and without duplicates", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" }, { id: "1", priority: 5 });
    await orders.enqueue({ item: "pen again" }, { id: "1" });
    await server.advance(10);
    await orders.enqueueBatch([{ payload: { item: "ink" }, delayMs: 1_000 }]);
    await server.consumer<Order>(() => {}, { queue: orders }).drain();
    expect(server.enqueued("orders")).toMatchObject([
      { id: "1", payload: { item: "pen" }, priority: 5, enqueuedAt: START_AT },
      { payload: { item: "ink" }, delayMs: 1_000, enqueuedAt: START_AT + 10 },
    ]);
    expect(server.enqueued("other")).toEqual([]);
  });

  it("has what a modify put into this and other queues, which arrives (P6, P9)", async () => {
    const { server, orders } = arranged();
    await orders.enqueue({ item: "pen" });
    const [one] = await orders.claim();
    await orders.modify({
      delete: [{ claim: one?.claim ?? "" }],
      insert: [{ payload: "receipt", queue: "mails" }, { payload: { item: "box" } }],
    });
    expect(server.enqueued("mails")).toMatchObject([{ payload: "receipt" }]);
    expect(server.enqueued("orders")).toMatchObject([{ payload: { item: "pen" } }, { payload: { item: "box" } }]);
    expect(await server.queue("mails").stats()).toMatchObject({ ready: 1 });
  });

  it("is what was sent: in JSON, and at the time", async () => {
    const { server } = arranged();
    const queue = server.queue("json");
    const reused = { at: new Date(0), url: new URL("https://x.example/a"), none: undefined, n: 1 };
    await queue.enqueue(reused, { lane: "a", delayMs: undefined } as object);
    reused.n = 2;
    const sent = { at: "1970-01-01T00:00:00.000Z", url: "https://x.example/a", n: 1 };
    expect(server.enqueued("json")).toStrictEqual([{ payload: sent, lane: "a", enqueuedAt: START_AT }]);
    expect((await queue.claim({ lanes: ["a"] }))[0]?.payload).toStrictEqual(sent);
  });

  it("keeps bytes as bytes", async () => {
    const { server } = arranged();
    await server.queue<Uint8Array>("bytes").enqueue(new Uint8Array([1, 2]));
    expect(server.enqueued("bytes")).toMatchObject([{ payload: new Uint8Array([1, 2]) }]);
  });
});

describe("the server", () => {
  it("refuses as the real one does", async () => {
    const { orders } = arranged();
    await expect(orders.stats()).rejects.toThrow(QueueNotFoundError);
    await expect(orders.enqueue({ item: "pen" }, { delayMs: -1 })).rejects.toMatchObject({ code: "invalid-request" });
  });

  it("serves the consumer that production runs", async () => {
    const { orders } = arranged();
    const done = new Promise<Order>((resolve) => {
      const consumer = consume<Order>(({ payload }) => resolve(payload), { queue: orders });
      consumer.on("acked", () => void consumer.stop());
    });
    await orders.enqueue({ item: "pen" });
    expect(await done).toEqual({ item: "pen" });
  });

  it("keeps its queues to itself", async () => {
    const { orders } = arranged();
    await orders.enqueue({ item: "pen" });
    await expect(arranged().orders.stats()).rejects.toThrow(QueueNotFoundError);
  });
});

describe("builders", () => {
  it("make a task and a context for a handler that is called as a function", () => {
    expect(describeTask(task({ item: "pen" }, { attempts: 3 }), context(AbortSignal.abort()))).toBe("pen 3 true");
    expect(task(1).id).not.toBe(task(1).id);
  });
});

function describeTask({ payload, attempts }: ClaimedTask<Order>, { signal }: HandlerContext): string {
  return `${payload.item} ${attempts} ${signal.aborted}`;
}
