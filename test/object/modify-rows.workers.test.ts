// The rows that a modify, a document and a message cost (P14), exactly: docs/storage.md, line by line.

import { describe, expect, test, vi } from "vitest";
import { claim, claimOne, configure, enqueue, ref, task } from "../contract/builders.ts";
import { failuresOf, getDocument, modify, put, type LooseModify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

/** A queue that exists and is registered, so that no test pays for its creation. */
async function openQueue(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, {});
  await delivered(queue);
  return queue;
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

const rowsOf = (queue: ObjectQueue, input: LooseModify): Promise<number> =>
  queue.rowsWritten(() => modify(queue, input));

describe("rows written by a modify", () => {
  test("1 for each task inserted, or for up to 100 plain ones; 1 more for a lane, an id", async () => {
    const queue = await openQueue();
    expect(await rowsOf(queue, { insert: [{ task: task(1) }] })).toBe(1);
    expect(await rowsOf(queue, { insert: numbers(100).map((number) => ({ task: task(number) })) })).toBe(1);
    expect(await rowsOf(queue, { insert: [{ task: task(1, { lane: "a" }) }] })).toBe(2);
    expect(await rowsOf(queue, { insert: [{ task: task(1, { id: "x" }) }] })).toBe(2);
    expect(await rowsOf(queue, { insert: [{ task: task(1, { id: "x" }), onConflict: "skip" }] })).toBe(0);
  });

  test("1 for each task deleted, claimed or not", async () => {
    const queue = await openQueue();
    const [first, newest] = await enqueue(queue, task(1, { lane: "a" }), task(2, { lane: "a" }));
    if (first === undefined || newest === undefined) throw new Error("two tasks expected");
    expect(await rowsOf(queue, { delete: [{ task: first }] })).toBe(1);
    // And one that remembers the newest key, if no claim's row does.
    expect(await rowsOf(queue, { delete: [{ task: newest }] })).toBe(2);
    await enqueue(queue, task(2));
    const held = await claimOne(queue);
    expect(await rowsOf(queue, { delete: [{ task: { claim: ref(held.claim) } }] })).toBe(1);
  });

  test("2 for a task with an id of its own, which is remembered, and 1 to forget it", async () => {
    const queue = await openQueue();
    await configure(queue, { dedupeMs: 1_000 });
    for (const options of [{ id: "x" }, { id: "y", priority: 1 }]) {
      await enqueue(queue, task(1, options));
      const held = await claimOne(queue);
      expect(await rowsOf(queue, { delete: [{ task: { claim: ref(held.claim) } }] })).toBe(2);
    }
    queue.advance(120_000);
    expect(await queue.rowsWritten(() => queue.sweep())).toBe(2);
  });

  test("1 for a change of content, 1 more when its place in the ready index moves", async () => {
    const queue = await openQueue();
    const [plain] = await enqueue(queue, task(1, { headers: { a: "b" } }));
    if (plain === undefined) throw new Error("a task expected");
    expect(await rowsOf(queue, { change: [{ task: plain, change: { payload: "2" } }] })).toBe(1);
    const next = { id: plain.id, version: 2 };
    expect(await rowsOf(queue, { change: [{ task: next, change: { lane: "a" } }] })).toBe(2);
    const last = { id: plain.id, version: 3 };
    expect(await rowsOf(queue, { change: [{ task: last, change: { payload: "3" } }] })).toBe(1);
    expect(await rowsOf(queue, { change: [{ task: { ...last, version: 4 }, change: { lane: "b" } }] })).toBe(2);
  });

  test("2 for a claimed task that is given back, 1 and 1 a claim call for tasks that are kept", async () => {
    const queue = await openQueue();
    for (const number of numbers(4)) await enqueue(queue, task(number));
    const [first, ...others] = (await claim(queue, { max: 4 })).map(({ claim: token }) => ({
      task: { claim: ref(token) },
    }));
    if (first === undefined) throw new Error("tasks expected");
    expect(await rowsOf(queue, { change: [{ ...first, change: { delayMs: 5 } }] })).toBe(2);
    const kept = { change: { payload: "7" }, keepClaim: { claimTimeoutMs: 60_000 } };
    expect(await rowsOf(queue, { change: others.map((item) => ({ ...item, ...kept })) })).toBe(3 + 1);
  });

  test("2 more for a task that leaves the run it was enqueued in: its index entry, and the run's mark", async () => {
    const queue = await openQueue();
    await enqueue(queue, ...numbers(10).map((number) => task(number)));
    const [held] = await claim(queue, { max: 10 });
    if (held === undefined) throw new Error("tasks expected");
    expect(await rowsOf(queue, { change: [{ task: { claim: ref(held.claim) }, change: {}, keepClaim: {} }] })).toBe(4);
  });

  test("1 for a document put, changed or deleted", async () => {
    const queue = await openQueue();
    await enqueue(queue, task(1));
    expect(await queue.rowsWritten(() => put(queue, "k", 1))).toBe(1);
    expect(await queue.rowsWritten(() => put(queue, "k", 2))).toBe(1);
    expect(await rowsOf(queue, { insert: [{ document: { key: "l", value: "1" } }] })).toBe(1);
    const { version } = await getDocument(queue, "l");
    await enqueue(queue, task(2));
    expect(await rowsOf(queue, { delete: [{ document: { key: "l", version } }] })).toBe(1);
    expect(await queue.rowsWritten(() => queue.operate("deleteDocument", { key: "k" }))).toBe(1);
  });

  test("none for depend, for looking, and for a modify that is refused", async () => {
    const queue = await openQueue();
    const [first] = await enqueue(queue, task(1));
    if (first === undefined) throw new Error("a task expected");
    expect(await rowsOf(queue, { depend: [{ task: first }, { document: { key: "k", version: 0 } }] })).toBe(0);
    const insert = [{ task: task(2) }, { document: { key: "k", value: "1" } }];
    const refused = () => failuresOf(queue, { insert, delete: [{ task: { id: "nobody", version: 1 } }] });
    expect(await queue.rowsWritten(refused)).toBe(0);
    expect(await queue.rowsWritten(() => queue.operate("listOutbox", { limit: 9, after: null }))).toBe(0);
  });

  test("3 for the step of a pipeline: the task out, the counter, the message", async () => {
    const queue = await openQueue();
    const other = await openQueue();
    await put(queue, "count", 0);
    // The first message after a wake reserves numbers: one row more, for a million messages.
    const warm = await modify(queue, { insert: [{ task: task(0), queue: other.name }] });
    expect(warm.inserted).toHaveLength(1);
    await delivered(queue);
    await enqueue(queue, task(1));
    const held = await claimOne(queue);
    const { version } = await getDocument(queue, "count");
    const step = {
      delete: [{ task: { claim: ref(held.claim) } }],
      change: [{ document: { key: "count", version }, value: "1" }],
      insert: [{ task: task(1), queue: other.name }],
    };
    let sent = 0;
    const arrived = await other.rowsWritten(async () => {
      sent = await queue.rowsWritten(async () => {
        await modify(queue, step);
        await delivered(queue);
      });
    });
    // The message's row goes when it has arrived; there it is a task, and a mark of how far this sender has come.
    expect([sent, arrived]).toEqual([3 + 1, 2]);
  });

  test("1 for each refusal, and none at the receiver", async () => {
    const queue = await openQueue();
    const full = await openQueue();
    await configure(full, { maxBacklog: 1 });
    await enqueue(full, task("in the way"));
    await modify(queue, { insert: [{ task: task(1), queue: full.name }] });
    const refusals = async (): Promise<number | undefined> => {
      const outbox = await queue.operate("listOutbox", { limit: 1, after: null });
      return outbox.kind === "outbox" ? outbox.messages[0]?.refusals : undefined;
    };
    const refused = (count: number) =>
      vi.waitUntil(async () => (await refusals()) === count, { timeout: 20_000, interval: 20 });
    await refused(1);
    queue.advance(300_000);
    let sent = 0;
    const received = await full.rowsWritten(async () => {
      sent = await queue.rowsWritten(async () => {
        await queue.sweep();
        await refused(2);
      });
    });
    expect([sent, received]).toEqual([1, 0]);
  });

  test("a hundred messages in one modify: 100 rows and 100 to forget them, 2 where they arrive", async () => {
    const queue = await openQueue();
    const other = await openQueue();
    let sent = 0;
    const arrived = await other.rowsWritten(async () => {
      sent = await queue.rowsWritten(async () => {
        await modify(queue, { insert: numbers(100).map((number) => ({ task: task(number), queue: other.name })) });
        await delivered(queue);
      });
    });
    expect([sent, arrived]).toEqual([200, 2]);
  });
});
