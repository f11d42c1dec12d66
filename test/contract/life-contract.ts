// From enqueue to ack: what is offered, in which order, to whom.

import { describe, expect, test } from "vitest";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  get,
  nack,
  payloads,
  stats,
  task,
} from "./builders.ts";
import type { OpenQueue } from "./queue-driver.ts";

export function lifeContract(open: OpenQueue): void {
  describe("a task's life", () => {
    test("an enqueued task is claimed with its payload and acked once (P5)", async () => {
      const queue = await open();
      const [written] = await enqueue(queue, task({ order: 1 }, { headers: { trace: "abc" } }));
      const held = await claimOne(queue, { claimant: "worker-1" });
      expect(held).toMatchObject({ id: written?.id, attempts: 1, version: 2, headers: { trace: "abc" } });
      expect(payloads([held])).toEqual([{ order: 1 }]);
      expect(await ack(queue, held)).toEqual(["ok"]);
      expect(await ack(queue, held)).toEqual(["task-not-found"]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("a claim that is named twice in one ack succeeds once (P5)", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2));
      const [first, second] = await claim(queue, { max: 2 });
      if (first === undefined || second === undefined) throw new Error("expected two ready tasks");
      expect(await ack(queue, first, second, first)).toEqual(["ok", "ok", "task-not-found"]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("tasks come in the order of their arrival (P11)", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2), task(3));
      await enqueue(queue, task(4));
      expect(payloads(await claim(queue, { max: 2 }))).toEqual([1, 2]);
      expect(payloads(await claim(queue, { max: 10 }))).toEqual([3, 4]);
      expect(await claim(queue, { max: 10 })).toEqual([]);
    });

    test("a thousand tasks are written and claimed in one call each", async () => {
      const queue = await open();
      const numbers = Array.from({ length: 1_000 }, (_, index) => index);
      await enqueue(queue, ...numbers.map((number) => task(number)));
      const held = await claim(queue, { max: 1_000 });
      expect(payloads(held)).toEqual(numbers);
      expect(await ack(queue, ...held)).toEqual(numbers.map(() => "ok"));
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("no two claims hold the same task (P3)", async () => {
      const queue = await open();
      await enqueue(queue, ...Array.from({ length: 20 }, (_, index) => task(index)));
      const held = (await Promise.all(Array.from({ length: 10 }, () => claim(queue, { max: 3 })))).flat();
      expect(held).toHaveLength(20);
      expect(new Set(held.map(({ id }) => id)).size).toBe(20);
      expect(new Set(held.map((one) => one.claim)).size).toBe(20);
    });

    test("text and bytes come back as they went in", async () => {
      const queue = await open();
      const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
      await enqueue(
        queue,
        { payload: "héllo \u{1f600}", contentType: "text/plain" },
        { payload: bytes, contentType: "image/png" },
      );
      const [text, binary] = await claim(queue, { max: 2 });
      expect(text).toMatchObject({ payload: "héllo \u{1f600}", contentType: "text/plain" });
      expect(binary?.contentType).toBe("image/png");
      expect(binary?.payload).toEqual(bytes);
    });

    test("higher priority first, then arrival; a priority is no extra wait", async () => {
      const queue = await open();
      await enqueue(
        queue,
        task("low", { priority: -1 }),
        task("plain"),
        task("high 1", { priority: 5 }),
        task("high 2", { priority: 5 }),
      );
      await enqueue(queue, task("highest", { priority: 100 }), task("plain 2"));
      expect(payloads(await claim(queue, { max: 10 }))).toEqual([
        "highest",
        "high 1",
        "high 2",
        "plain",
        "plain 2",
        "low",
      ]);
    });

    test("an id is not given twice, though its task is gone and the queue restarted within the millisecond", async () => {
      const queue = await open();
      const ids: string[] = [];
      // Two claims one after the other share a row.
      for (const payload of [1, 2]) {
        ids.push(...(await enqueue(queue, task(payload, { lane: "side" }))).map(({ id }) => id));
        await ack(queue, await claimOne(queue, { lanes: { inOrder: ["side"] } }));
      }
      await queue.restart();
      ids.push(...(await enqueue(queue, task(3, { lane: "side" }))).map(({ id }) => id));
      expect(new Set(ids).size).toBe(3);
    });

    test("the order of arrival, delay and priority survives a restart", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2, { delayMs: 10 }), task(3), task(0, { priority: 1 }));
      queue.advance(10);
      await enqueue(queue, task(4));
      await queue.restart();
      expect(payloads(await claim(queue, { max: 10 }))).toEqual([0, 1, 3, 2, 4]);
    });

    test("a duplicate id answers with the first task and writes nothing (P10)", async () => {
      const queue = await open();
      const [first] = await enqueue(queue, task("first", { id: "order-1" }));
      const again = await enqueue(
        queue,
        task("second", { id: "order-1" }),
        task("other", { id: "order-2" }),
        task("third", { id: "order-2" }),
      );
      expect(first).toMatchObject({ id: "order-1", duplicate: false });
      expect(again.map(({ id, duplicate }) => [id, duplicate])).toEqual([
        ["order-1", true],
        ["order-2", false],
        ["order-2", true],
      ]);
      expect(payloads(await claim(queue, { max: 10 }))).toEqual(["first", "other"]);
    });

    test("an acked task's own id is remembered to the end of the dedupe window, over a restart (P10)", async () => {
      const queue = await open();
      await configure(queue, { dedupeMs: 1_000 });
      await enqueue(queue, task("first", { id: "order-1" }));
      await ack(queue, await claimOne(queue));
      await queue.restart();
      queue.advance(999);
      expect(await enqueue(queue, task("again", { id: "order-1" }))).toMatchObject([{ duplicate: true }]);
      expect((await queue.operate("getTask", { id: "order-1" })).kind).toBe("task-not-found");
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      expect(await enqueue(queue, task("anew", { id: "order-1" }))).toMatchObject([{ duplicate: false }]);
      expect(payloads(await claim(queue))).toEqual(["anew"]);
    });

    test("an id that the queue made is a duplicate while its task is there", async () => {
      const queue = await open();
      const [made] = await enqueue(queue, task(1));
      if (made === undefined) throw new Error("nothing written");
      expect(await enqueue(queue, task(2, { id: made.id }))).toMatchObject([{ id: made.id, duplicate: true }]);
    });

    test("an id of the form that the queue makes is refused unless it names a task, and writes nothing", async () => {
      const queue = await open();
      const [made] = await enqueue(queue, task(1));
      // That of a task to come.
      const coming = `${made?.id.slice(0, -2) ?? ""}zz`;
      const outcome = await queue.operate("enqueue", { tasks: [task(2, { id: coming })] });
      expect(outcome).toMatchObject({ kind: "invalid", field: expect.stringMatching(/id$/) as string });
      expect(await counts(queue)).toEqual([1, 0, 0, 0]);
    });

    test("a claim takes no more than the limit of claims in flight", async () => {
      const queue = await open();
      await configure(queue, { maxInFlight: 3 });
      await enqueue(queue, ...Array.from({ length: 5 }, (_, index) => task(index)));
      const held = await claim(queue, { max: 5 });
      expect(payloads(held)).toEqual([0, 1, 2]);
      expect(await queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] } })).toEqual({
        kind: "too-many-claims",
        limit: 3,
      });
      await ack(queue, ...held.slice(0, 1));
      expect(payloads(await claim(queue, { max: 5 }))).toEqual([3]);
    });

    test("a full backlog refuses the whole batch and writes nothing of it", async () => {
      const queue = await open();
      await configure(queue, { maxBacklog: 3 });
      await enqueue(queue, task(1), task(2));
      const outcome = await queue.operate("enqueue", { tasks: [task(3), task(4)] });
      expect(outcome).toEqual({ kind: "queue-full", what: "tasks", limit: 3 });
      expect(await counts(queue)).toEqual([2, 0, 0, 0]);
      await queue.restart();
      await enqueue(queue, task(3));
      expect((await queue.operate("enqueue", { tasks: [task(4)] })).kind).toBe("queue-full");
      await ack(queue, await claimOne(queue));
      await enqueue(queue, task(4));
    });

    test("a paused queue takes tasks in and offers none", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      await configure(queue, { paused: true });
      await enqueue(queue, task(2));
      expect(await queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] } })).toEqual({ kind: "queue-paused" });
      expect(await ack(queue, held)).toEqual(["ok"]);
      await queue.restart();
      expect((await queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] } })).kind).toBe("queue-paused");
      await configure(queue, { paused: false });
      expect(payloads(await claim(queue))).toEqual([2]);
    });

    test("browsing and stats show every state and claim nothing", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 1 });
      await enqueue(queue, task("to die"));
      const dying = await claimOne(queue);
      await nack(queue, dying, { error: "boom" });
      await enqueue(queue, task("claimed"));
      const held = await claimOne(queue, { claimant: "worker-9" });
      await enqueue(queue, task("ready 1"), task("delayed", { delayMs: 500 }), task("ready 2", { lane: "other" }));
      queue.advance(40);
      expect(payloads(await browseAll(queue, "dead"))).toEqual(["to die"]);
      expect(payloads(await browseAll(queue, "delayed"))).toEqual(["delayed"]);
      expect(payloads(await browseAll(queue, "ready"))).toEqual(["ready 1", "ready 2"]);
      const [claimed] = await browseAll(queue, "claimed");
      expect(claimed).toMatchObject({ claimant: "worker-9", claimedUntil: held.claimedUntil, attempts: 1, version: 2 });
      expect(payloads(await browseAll(queue, undefined, 1))).toHaveLength(5);
      expect(await counts(queue)).toEqual([2, 1, 1, 1]);
      const { lanes, oldestReadyAgeMs, bytes } = await stats(queue);
      expect(oldestReadyAgeMs).toBe(40);
      expect(bytes).toBeGreaterThan(0);
      expect(lanes).toEqual({
        main: { ready: 1, delayed: 1, claimed: 1, dead: 1 },
        other: { ready: 1, delayed: 0, claimed: 0, dead: 0 },
      });
      await queue.restart();
      expect(await counts(queue)).toEqual([2, 1, 1, 1]);
      expect(await ack(queue, held)).toEqual(["ok"]);
      expect(await counts(queue)).toEqual([2, 1, 0, 1]);
    });

    test("a task is cancelled once; one that is claimed only by force", async () => {
      const queue = await open();
      const [one, two] = await enqueue(queue, task(1), task(2, { id: "two" }));
      if (one === undefined || two === undefined) throw new Error("nothing written");
      expect((await queue.operate("cancelTask", { id: one.id, force: false })).kind).toBe("cancelled");
      expect((await queue.operate("cancelTask", { id: one.id, force: false })).kind).toBe("task-not-found");
      const held = await claimOne(queue);
      const refusal = expectKind(await queue.operate("cancelTask", { id: "two", force: false }), "version-conflict");
      expect(refusal).toMatchObject({ state: "claimed", version: 2, claimedUntil: held.claimedUntil });
      expect((await queue.operate("cancelTask", { id: "two", force: true })).kind).toBe("cancelled");
      expect(await ack(queue, held)).toEqual(["task-not-found"]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("a change is made at the version it names, and moves it on (P4)", async () => {
      const queue = await open();
      const [written] = await enqueue(queue, task("old"));
      const id = written?.id ?? "";
      const change = { payload: '"new"', delayMs: 100 };
      expectKind(await queue.operate("changeTask", { id, version: 1, change }), "task");
      expect(await get(queue, id)).toMatchObject({ version: 2, state: "delayed", payload: '"new"' });
      const stale = expectKind(
        await queue.operate("changeTask", { id, version: 1, change: { payload: '"x"' } }),
        "version-conflict",
      );
      expect(stale).toMatchObject({ version: 2, state: "delayed" });
      queue.advance(99);
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      const held = await claimOne(queue);
      expect(held).toMatchObject({ id, version: 3 });
      const claimed = expectKind(
        await queue.operate("changeTask", { id, version: 3, change: { priority: 1 } }),
        "version-conflict",
      );
      expect(claimed).toMatchObject({ state: "claimed", claimedUntil: held.claimedUntil });
    });

    test("purge empties every state; a deleted queue is gone and can begin again", async () => {
      const queue = await open();
      await enqueue(queue, task(1), task(2, { delayMs: 10 }), task(3));
      const held = await claimOne(queue);
      expect(await queue.operate("purge", null)).toEqual({ kind: "done", tasks: 3 });
      expect(await ack(queue, held)).toEqual(["task-not-found"]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
      await enqueue(queue, task(4));
      const second = await claimOne(queue);
      expect(await queue.operate("deleteQueue", null)).toEqual({ kind: "done", tasks: 1 });
      expect(await queue.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
      expect(await queue.operate("deleteQueue", null)).toMatchObject({ kind: "queue-not-found" });
      expect(await claim(queue)).toEqual([]);
      await queue.restart();
      expect(await queue.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
      await enqueue(queue, task(5));
      expect(await ack(queue, second)).toEqual(["task-not-found"]);
      expect(payloads(await claim(queue))).toEqual([5]);
    });

    test("looking at a queue that does not exist makes none", async () => {
      const queue = await open();
      expect(await claim(queue)).toEqual([]);
      expect((await queue.operate("getQueue", null)).kind).toBe("queue-not-found");
      expect((await queue.operate("browse", { limit: 1, after: 0 })).kind).toBe("queue-not-found");
      expect((await queue.operate("redrive", { limit: 1 })).kind).toBe("queue-not-found");
      expect((await queue.operate("purge", null)).kind).toBe("queue-not-found");
      await queue.restart();
      expect((await queue.operate("getQueue", null)).kind).toBe("queue-not-found");
    });
  });
}
