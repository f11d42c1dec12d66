// Pushing, over a queue in plain Node whose clock the test moves: when a batch is due, and what becomes of it.

import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { OBJECT_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { openPusher } from "../../src/object/open-pusher.ts";
import { PUSH_CLAIM_MS, PUSH_LIMIT_MS, type Pusher } from "../../src/object/pusher.ts";
import type { PushedBatch, PushOutcome } from "../../src/push/batch.ts";
import { MessageBatch } from "../../src/push/message-batch.ts";
import { claimOne, configure, counts, enqueue, expectKind, payloads, browseAll, task } from "../contract/builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const ALL_ACKED: PushOutcome = { retries: [] };

/** A queue that is pushed to a consumer which answers when, and as, the test says. */
class PushedQueue extends MemoryQueue {
  readonly batches: PushedBatch[] = [];
  readonly #answers: { fulfil: (outcome: PushOutcome) => void; fail: (error: unknown) => void }[] = [];
  readonly #background: Promise<void>[] = [];
  readonly pusher: Pusher;

  constructor(settings: object) {
    super();
    const deliver = (batch: PushedBatch): Promise<PushOutcome> => {
      this.batches.push(batch);
      return new Promise((fulfil, fail) => {
        this.#answers.push({ fulfil, fail });
      });
    };
    const env = { EDGEQ_CONSUMERS: [{ queue: this.name, binding: "APP", ...settings }], APP: { deliver } };
    const pusher = openPusher(this.name, env, this.queue, (work) => this.#background.push(work));
    if (pusher === null) throw new Error("expected a pusher, found none");
    this.pusher = pusher;
  }

  /** A turn in which nothing else happens; how many batches have been pushed by its end. */
  async turn(): Promise<number> {
    await this.queue.run("look", () => {});
    return this.batches.length;
  }

  /** The consumer answers the batch that it was pushed first. */
  async answer(outcome: PushOutcome | Error): Promise<void> {
    const next = this.#answers.shift();
    if (next === undefined) throw new Error("expected a push under way, found none");
    if (outcome instanceof Error) next.fail(outcome);
    else next.fulfil(outcome);
    await this.#background.shift();
  }

  sizes(): number[] {
    return this.batches.map(({ messages }) => messages.length);
  }
}

/** Has turns wait while as much waits for them as may. */
class BusyQueue extends PushedQueue {
  #held: (() => void)[] | null = null;

  async whileBusy(happen: () => Promise<unknown>): Promise<void> {
    this.#held = [];
    for (let job = 0; job < LIMITS.waitingJobs; job += 1) this.queue.add("work", () => {});
    expect(await this.operate("getQueue", null)).toMatchObject({ kind: "overloaded" });
    const happened = happen();
    for (let tick = 0; tick < 50; tick += 1) await Promise.resolve();
    const held = this.#held;
    this.#held = null;
    for (const turn of held) turn();
    await happened;
  }

  protected override soon(turn: () => void): void {
    if (this.#held === null) super.soon(turn);
    else this.#held.push(turn);
  }
}

function opened(consumers: unknown): Pusher | null {
  const queue = new MemoryQueue();
  return openPusher(queue.name, { EDGEQ_CONSUMERS: consumers, APP: {} }, queue.queue, () => {});
}

const tasks = (count: number) => Array.from({ length: count }, (_, index) => task(index));

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval"] });
  vi.spyOn(console, "warn").mockImplementation(() => {});
  vi.spyOn(console, "error").mockImplementation(() => {});
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe("a batch is due", () => {
  test("when it is full, and not one task sooner", async () => {
    const queue = new PushedQueue({ max_batch_size: 3 });
    await enqueue(queue, ...tasks(2));
    expect(await queue.turn()).toBe(0);
    await enqueue(queue, task(2));
    expect(await queue.turn()).toBe(1);
    expect(queue.batches[0]?.messages.map(({ body, attempts }) => [body, attempts])).toEqual([
      [0, 1],
      [1, 1],
      [2, 1],
    ]);
  });

  test("in the very turn in which its last task comes, though that is written with others at the end of it", async () => {
    const queue = new PushedQueue({ max_batch_size: 2 });
    await enqueue(queue, task("first"));
    await queue.turn();
    await enqueue(queue, task("second"));
    expect(queue.sizes()).toEqual([2]);
  });

  test("and goes out after the commit of its claim, once, though that turn fails at first", async () => {
    const queue = new PushedQueue({ max_batch_size: 1 });
    const pushedAtCommit: number[] = [];
    let depth = 0;
    const transaction = queue.sql.transaction.bind(queue.sql);
    queue.sql.transaction = (body) => {
      depth += 1;
      try {
        return transaction(() => {
          const result = body();
          if (depth > 1) return result;
          pushedAtCommit.push(queue.batches.length);
          if (pushedAtCommit.length === 1) throw new Error("the commit failed");
          return result;
        });
      } finally {
        depth -= 1;
      }
    };
    await enqueue(queue, task("once"));
    // At the commits that failed and succeeded nothing had left yet.
    expect(pushedAtCommit.slice(0, 3)).toEqual([0, 0, 0]);
    expect(queue.batches.map(({ messages }) => messages.map(({ body, attempts }) => [body, attempts]))).toEqual([
      [["once", 1]],
    ]);
    expect(await counts(queue)).toEqual([0, 0, 1, 0]);
  });

  test("when its oldest task has waited for the batch timeout, and not a millisecond sooner", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 5 });
    await enqueue(queue, task("old"));
    queue.advance(3_000);
    await enqueue(queue, task("young"));
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([0, queue.now() + 2_000]);
    queue.advance(1_999);
    expect(await queue.turn()).toBe(0);
    queue.advance(1);
    expect([await queue.turn(), queue.sizes()]).toEqual([1, [2]]);
    expect(queue.pusher.nextAt).toBeNull();
  });

  test("at once with a batch timeout of 0", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    await enqueue(queue, task("now"));
    expect(await queue.turn()).toBe(1);
  });

  test("when a delayed task has become visible, which the alarm is set for", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    await enqueue(queue, task("later", { delayMs: 10_000 }));
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([0, queue.now() + 10_000]);
    queue.advance(10_000);
    expect(await queue.turn()).toBe(1);
  });

  test("when the rate of its key lets a task through, which the alarm is set for", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    await configure(queue, { keys: { rate: { limit: 1, periodMs: 10_000, burst: 1 } } });
    await enqueue(queue, task("first", { key: "acme" }), task("second", { key: "acme" }));
    expect(await queue.turn()).toBe(1);
    await queue.answer(ALL_ACKED);
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([1, queue.now() + 10_000]);
    queue.advance(10_000);
    expect([await queue.turn(), queue.sizes()]).toEqual([2, [1, 1]]);
  });

  test("never of a queue that is paused, absent or empty, and then nothing is waited for", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([0, null]);
    await configure(queue, { paused: true });
    await enqueue(queue, task(1), task(2, { delayMs: 5 }));
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([0, null]);
    await configure(queue, { paused: false });
    expect(await queue.turn()).toBe(1);
  });

  test("in its own lanes only", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0, lanes: ["high", "low"] });
    await enqueue(queue, task("main"), task("l", { lane: "low" }), task("h", { lane: "high" }));
    await queue.turn();
    expect(queue.batches[0]?.messages.map(({ body }) => body)).toEqual(["h", "l"]);
  });
});

describe("batches under way", () => {
  test("are as many as max_concurrency; the next goes when one comes back", async () => {
    const queue = new PushedQueue({ max_batch_size: 1, max_concurrency: 2 });
    await enqueue(queue, ...tasks(3));
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([2, null]);
    await queue.answer(ALL_ACKED);
    expect(queue.batches).toHaveLength(3);
    await queue.answer(ALL_ACKED);
    await queue.answer(ALL_ACKED);
    expect(await counts(queue)).toEqual([0, 0, 0, 0]);
  });

  test("stop at the queue's limit of claims without waking it over and over", async () => {
    const queue = new PushedQueue({ max_batch_size: 1 });
    await configure(queue, { maxInFlight: 1 });
    await enqueue(queue, ...tasks(2));
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([1, null]);
    await queue.answer(ALL_ACKED);
    expect(queue.batches).toHaveLength(2);
  });

  test("keep their claims while the handler runs, however long, up to its limit; then they are retried", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    await enqueue(queue, task("slow"));
    await queue.turn();
    for (let ranMs = 0; ranMs < PUSH_LIMIT_MS - PUSH_CLAIM_MS / 2; ranMs += PUSH_CLAIM_MS / 2) {
      queue.advance(PUSH_CLAIM_MS / 2);
      await vi.advanceTimersByTimeAsync(PUSH_CLAIM_MS / 2);
      await queue.sweep();
      expect(await counts(queue)).toEqual([0, 0, 1, 0]);
    }
    queue.advance(PUSH_CLAIM_MS / 2);
    await vi.advanceTimersByTimeAsync(PUSH_CLAIM_MS / 2);
    const [retried] = await browseAll(queue);
    expect(retried).toMatchObject({ state: "delayed", attempts: 1 });
    expect(retried?.error).toContain(`${PUSH_LIMIT_MS} ms`);
  });

  test("are extended and settled however much waits for its turn, which refuses requests (P5)", async () => {
    const queue = new BusyQueue({ max_batch_timeout: 0 });
    await enqueue(queue, task("once"));
    await queue.turn();
    for (let ranMs = 0; ranMs < 2 * PUSH_CLAIM_MS; ranMs += PUSH_CLAIM_MS / 2) {
      queue.advance(PUSH_CLAIM_MS / 2);
      await queue.whileBusy(() => vi.advanceTimersByTimeAsync(PUSH_CLAIM_MS / 2));
      await queue.sweep();
      expect([queue.sizes(), await counts(queue)]).toEqual([[1], [0, 0, 1, 0]]);
    }
    await queue.whileBusy(() => queue.answer(ALL_ACKED));
    expect([queue.sizes(), await counts(queue)]).toEqual([[1], [0, 0, 0, 0]]);
  });

  test("that are cut off by a crash come back when their claims expire, their attempt counted (P2, P8)", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    await enqueue(queue, task("lost"));
    await queue.turn();
    await queue.restart();
    queue.advance(PUSH_CLAIM_MS - 1);
    expect(await counts(queue)).toEqual([0, 0, 1, 0]);
    queue.advance(1);
    expect((await claimOne(queue)).attempts).toBe(2);
  });
});

describe("a batch that comes back", () => {
  test("is acked but for its retries, each after its own delay or the consumer's", async () => {
    const queue = new PushedQueue({ max_batch_size: 3, retry_delay: 7 });
    await enqueue(queue, ...tasks(3));
    await queue.turn();
    await queue.answer({
      retries: [
        { index: 1, delaySeconds: 2, error: null },
        { index: 2, delaySeconds: null, error: "Error: no" },
      ],
    });
    const left = await browseAll(queue);
    expect(left.map(({ payload, visibleAt, error }) => [payload, visibleAt - queue.now(), error])).toEqual([
      ["1", 2_000, null],
      ["2", 7_000, "Error: no"],
    ]);
  });

  test("makes room for the next of its keys; those without a key are pushed as ever, all as plain messages (K1, K3)", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0, max_concurrency: 3 });
    await configure(queue, { keys: { concurrency: 1 } });
    await enqueue(queue, ...[1, 2, 3].map((n) => task(`a${n}`, { key: "a" })), ...tasks(4));
    await queue.turn();
    const pushed = (): unknown[] => queue.batches.flatMap(({ messages }) => messages.map(({ body }) => body));
    expect(pushed().toSorted()).toEqual([0, 1, 2, 3, "a1"]);
    const before = queue.batches.length;
    expect([await queue.turn(), queue.pusher.nextAt]).toEqual([before, null]);
    while (!pushed().includes("a2")) {
      await queue.answer(ALL_ACKED);
      await queue.turn();
    }
    expect(pushed()).not.toContain("a3");
    const forms = queue.batches.flatMap(({ messages }) => messages.map((message) => Object.keys(message).join(" ")));
    expect([...new Set(forms)]).toEqual(["id timestamp attempts body"]);
  });

  test("snoozes what was retried with countAttempt: false, which costs no attempt (P8)", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0, max_retries: 0, retry_delay: 7 });
    await enqueue(queue, task("own delay"), task("default delay"));
    await queue.turn();
    const [pushed] = queue.batches;
    if (pushed === undefined) throw new Error("a batch expected");
    const handled = new MessageBatch(pushed);
    handled.batch.messages[0]?.retry({ delaySeconds: 2, countAttempt: false });
    handled.batch.retryAll({ countAttempt: false });
    expect(() => handled.batch.messages[1]?.retry({ countAttempt: "no" as never })).toThrow("countAttempt");
    await queue.answer(handled.outcome(null));
    const left = await browseAll(queue);
    expect(left.map(({ visibleAt, attempts, state }) => [visibleAt - queue.now(), attempts, state])).toEqual([
      [2_000, 0, "delayed"],
      [7_000, 0, "delayed"],
    ]);
  });

  test("is settled though the disk was full for some seconds, once (P5)", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0 });
    await enqueue(queue, task("once"));
    await queue.turn();
    const full = vi.spyOn(queue.sql, "run").mockImplementation(() => {
      throw new Error("database or disk is full");
    });
    const answered = queue.answer(ALL_ACKED);
    await vi.advanceTimersByTimeAsync(5_000);
    expect(full).toHaveBeenCalled();
    full.mockRestore();
    await vi.advanceTimersByTimeAsync(10_000);
    await answered;
    expect([queue.sizes(), await counts(queue)]).toEqual([[1], [0, 0, 0, 0]]);
  });

  test("not at all, or with nonsense, is retried after the queue's backoff, saying why", async () => {
    for (const answer of [
      new Error("Network connection lost."),
      undefined as never,
      { retries: [{ index: 0, delaySeconds: -1, error: null }] },
    ]) {
      const queue = new PushedQueue({ max_batch_timeout: 0 });
      await configure(queue, { backoff: { minMs: 3_000, jitter: 0 } });
      await enqueue(queue, task("again"));
      await queue.turn();
      await queue.answer(answer);
      const [left] = await browseAll(queue);
      expect(left).toMatchObject({ state: "delayed", attempts: 1, visibleAt: queue.now() + 3_000 });
      expect(left?.error).toMatch(/lost|undefined|delaySeconds/);
    }
  });

  test("too often is dead, with max_retries given to the queue as its attempts", async () => {
    const queue = new PushedQueue({ max_batch_timeout: 0, max_retries: 1 });
    await enqueue(queue, task("bad"));
    await queue.turn();
    await queue.answer({ retries: [{ index: 0, delaySeconds: null, error: "Error: 1" }] });
    expect(queue.batches[1]?.messages[0]?.attempts).toBe(2);
    await queue.answer({ retries: [{ index: 0, delaySeconds: null, error: "Error: 2" }] });
    expect(await browseAll(queue, "dead")).toMatchObject([{ attempts: 2, error: "Error: 2" }]);
    expect(payloads(await browseAll(queue))).toEqual(["bad"]);
  });
});

describe("a configuration", () => {
  test("is given to a queue that has just woken with a large backlog, which it counts first, over some turns", async () => {
    const queue = new MemoryQueue();
    for (let call = 0; call < 25; call += 1) {
      await enqueue(queue, ...Array.from({ length: 1_000 }, (_, n) => task(n, { lane: "other" })));
    }
    await queue.restart();
    const consumer = { queue: queue.name, binding: "APP", max_retries: 8, dead_letter_queue: "orders-dead" };
    const env = { EDGEQ_CONSUMERS: [consumer], APP: { deliver: () => new Promise(() => {}) } };
    openPusher(queue.name, env, queue.queue, () => {});
    await enqueue(queue, task("one more", { lane: "other" }));
    for (let turn = 0; turn < 10; turn += 1) await queue.queue.run("look", () => {});
    const { queue: view } = expectKind(await queue.operate("getQueue", null), "queue");
    expect(view.settings).toMatchObject({ maxAttempts: 9, deadLetterQueue: "orders-dead" });
    // What its owner sets after that holds.
    await configure(queue, { maxAttempts: 3 });
    await queue.queue.run("look", () => {});
    expect(await queue.operate("getQueue", null)).toMatchObject({ queue: { settings: { maxAttempts: 3 } } });
  });

  test("of other queues, or none, pushes nothing and says nothing", () => {
    expect(opened(undefined)).toBeNull();
    expect(opened(null)).toBeNull();
    expect(opened([{ queue: "other", binding: "APP" }])).toBeNull();
    expect(console.error).not.toHaveBeenCalled();
  });

  test("may be JSON text, as plain workerd takes it from the environment", () => {
    expect(opened('[{"queue":"orders","binding":"APP"}]')).not.toBeNull();
  });

  test.each([
    ["{}", "EDGEQ_CONSUMERS"],
    [[{ queue: "a/b", binding: "APP" }], "EDGEQ_CONSUMERS[0].queue"],
    [[{ queue: "orders" }], "EDGEQ_CONSUMERS[0].binding"],
    [[{ queue: "orders", binding: "APP", max_batch_size: 101 }], "EDGEQ_CONSUMERS[0].max_batch_size"],
    [[{ queue: "orders", binding: "APP", max_batch_timeout: 61 }], "EDGEQ_CONSUMERS[0].max_batch_timeout"],
    [[{ queue: "orders", binding: "APP", max_retries: 101 }], "EDGEQ_CONSUMERS[0].max_retries"],
    [[{ queue: "orders", binding: "APP", retry_delay: 86_401 }], "EDGEQ_CONSUMERS[0].retry_delay"],
    [[{ queue: "orders", binding: "APP", max_concurrency: 0 }], "EDGEQ_CONSUMERS[0].max_concurrency"],
    [[{ queue: "orders", binding: "APP", dead_letter_queue: "orders" }], "EDGEQ_CONSUMERS[0].dead_letter_queue"],
    [[{ queue: "orders", binding: "APP", batch_size: 5 }], "EDGEQ_CONSUMERS[0].batch_size"],
    [
      [
        { queue: "orders", binding: "APP" },
        { queue: "orders", binding: "APP" },
      ],
      "EDGEQ_CONSUMERS[1].queue",
    ],
    [[{ queue: "orders", binding: "ELSEWHERE" }], "ELSEWHERE"],
  ])("that is wrong pushes nothing and says where: %j", (consumers, where) => {
    expect(opened(consumers)).toBeNull();
    expect(console.error).toHaveBeenCalledWith(expect.stringContaining(where));
  });
});

test("a queue that is deleted and made again has its consumer's settings again", async () => {
  const queue = new PushedQueue({ max_retries: 1, dead_letter_queue: "dead" });
  for (const _life of ["first", "second"]) {
    await enqueue(queue, task(1));
    await queue.turn();
    expect(await queue.operate("getQueue", null)).toMatchObject({
      queue: { settings: { maxAttempts: 2, deadLetterQueue: "dead" } },
    });
    await queue.operate("deleteQueue", null);
  }
});

test("batches of large payloads are held up to their part, whatever the concurrency; one that ends makes room", async () => {
  const queue = new PushedQueue({ max_batch_size: 100, max_batch_timeout: 0, max_concurrency: 250 });
  const large = "x".repeat(LIMITS.payloadBytes - 2);
  for (let n = 0; n < 30; n += 1) await enqueue(queue, task(large));
  const held = (): number => queue.queue.held.pushes.bytes;
  const begun = await queue.turn();
  expect(held()).toBe(queue.sizes().reduce((sum, size) => sum + size, 0) * LIMITS.payloadBytes);
  expect(held()).toBeGreaterThan(OBJECT_PARTS.pushes - 2 * LIMITS.payloadBytes);
  expect(held()).toBeLessThanOrEqual(OBJECT_PARTS.pushes);
  expect(Math.max(...queue.sizes())).toBeLessThanOrEqual(2);
  await queue.answer(ALL_ACKED);
  expect(queue.batches.length).toBeGreaterThan(begun);
  expect(held()).toBeLessThanOrEqual(OBJECT_PARTS.pushes);
  while (held() > 0) await queue.answer(ALL_ACKED);
  expect(queue.sizes().reduce((sum, size) => sum + size, 0)).toBe(30);
});

test("a turn claims as many batches as it has work for, and the next turns the others, up to max_concurrency", async () => {
  const queue = new PushedQueue({ max_concurrency: 100, max_batch_size: 10, max_batch_timeout: 0 });
  for (let lot = 0; lot < 40; lot += 1) {
    const over = Array.from({ length: 980 }, (_, n) => task(n, { delayMs: 1_000, ttlMs: 500 }));
    const good = Array.from({ length: 10 }, (_, n) => task(n, { delayMs: 1_000 }));
    await enqueue(queue, ...over, ...good);
  }
  const written: number[] = [];
  let before = 0;
  const begins = (): number => (before = queue.sql.rowsWritten);
  aroundTurns(queue.sql, () => written.push(queue.sql.rowsWritten - before), begins);
  queue.advance(1_000);
  await vi.waitUntil(async () => (await queue.turn()) >= 40);
  expect(queue.sizes()).toEqual(Array(40).fill(10));
  // Each row is read, and then removed; the batch that reaches the bound is pushed.
  expect(Math.max(...written)).toBeLessThanOrEqual(LIMITS.turnRows / 2 + LIMITS.sweepBatch);
});
