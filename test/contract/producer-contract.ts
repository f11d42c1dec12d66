// A numbered call is made once, however often it comes (P10), and a repeat has the very same answer.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { NewTask, OutcomeOf } from "../../src/core/operation.ts";
import { ack, claim, claimOne, configure, counts, enqueue, payloads, ref, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const ONE = "00000000000000a1";
const TWO = "00000000000000b2";

interface Numbering {
  readonly producer?: string;
  readonly from?: number;
  readonly owner?: string;
  readonly known?: boolean;
}

function send(
  queue: QueueDriver,
  number: number,
  tasks: readonly NewTask[],
  { producer = ONE, ...rest }: Numbering = {},
): Promise<OutcomeOf<"enqueue">> {
  return queue.operate("enqueue", { tasks, call: { producer, number, ...rest } });
}

const payloadsOf = async (queue: QueueDriver): Promise<unknown[]> => payloads(await claim(queue, { max: 1_000 }));

/** A claimed task, and the modify that moves it on. */
async function moved(queue: QueueDriver): Promise<() => Promise<OutcomeOf<"modify">>> {
  await enqueue(queue, task("in"));
  const held = await claimOne(queue);
  return () =>
    queue.operate("modify", {
      insert: [{ task: task("out"), onConflict: "fail" }, { document: { key: "moved", value: "1" } }],
      change: [],
      delete: [{ task: { claim: ref(held.claim) } }],
      depend: [],
      call: { producer: ONE, number: 1 },
    });
}

export function producerContract(open: OpenQueue): void {
  describe("a numbered call", () => {
    test("that comes again writes nothing and has the same answer, also after a restart and after its task is done", async () => {
      const queue = await open();
      const first = await send(queue, 1, [task("a"), task("b")]);
      expect(first).toMatchObject({ kind: "enqueued", tasks: [{ duplicate: false }, { duplicate: false }] });
      expect(await send(queue, 1, [task("a"), task("b")])).toEqual(first);
      await queue.restart();
      queue.advance(1_000);
      expect(await send(queue, 1, [task("a"), task("b")])).toEqual(first);
      await ack(queue, ...(await claim(queue, { max: 10 })));
      expect(await send(queue, 1, [task("a"), task("b")])).toEqual(first);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("of every kind of task is answered as it was: delays, lanes, own ids, duplicates", async () => {
      const queue = await open();
      await enqueue(queue, task("there", { id: "known" }));
      const mixed = [
        task(1),
        task(2, { delayMs: 500 }),
        task(3, { lane: "side" }),
        task(4, { id: "mine" }),
        task(5, { priority: 3, ttlMs: 60_000 }),
      ];
      const withDuplicates = [task(6, { id: "known" }), task(7), task(8, { id: "twice" }), task(9, { id: "twice" })];
      const answers = [await send(queue, 1, mixed), await send(queue, 2, withDuplicates)];
      queue.advance(10_000);
      await queue.restart();
      expect([await send(queue, 1, mixed), await send(queue, 2, withDuplicates)]).toEqual(answers);
      expect(answers[1]).toMatchObject({ tasks: [{ duplicate: true }, {}, { duplicate: false }, { duplicate: true }] });
    });

    test("that is sent twice at one time is made once", async () => {
      const queue = await open();
      const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => send(queue, 1, [task("once")])));
      for (const other of others) expect(other).toEqual(first);
      expect(await payloadsOf(queue)).toEqual(["once"]);
    });

    test("of one producer is not one of another, whatever their numbers and the order in which they come", async () => {
      const queue = await open();
      const calls = [3, 1, 2].flatMap((number) => [ONE, TWO].map((producer) => ({ number, producer })));
      const made = await Promise.all(
        calls.map(({ number, producer }) => send(queue, number, [task(number)], { producer })),
      );
      await queue.restart();
      const repeated = await Promise.all(
        calls.map(({ number, producer }) => send(queue, number, [task(number)], { producer })),
      );
      expect(repeated).toEqual(made);
      expect((await payloadsOf(queue)).toSorted()).toEqual([1, 1, 2, 2, 3, 3]);
    });

    test("whose number was used for something else is refused, as when two clients claim one name", async () => {
      const queue = await open();
      await send(queue, 1, [task("a")]);
      expect(await send(queue, 1, [task("b")])).toEqual({ kind: "call-reused", number: 1 });
      expect(await send(queue, 1, [task("a"), task("a")])).toEqual({ kind: "call-reused", number: 1 });
      expect(await send(queue, 1, [task("a", { delayMs: 1 })])).toEqual({ kind: "call-reused", number: 1 });
      expect(await payloadsOf(queue)).toEqual(["a"]);
    });

    test("that was refused has used no number", async () => {
      const queue = await open();
      await configure(queue, { maxBacklog: 1 });
      expect((await send(queue, 1, [task(1), task(2)])).kind).toBe("queue-full");
      await configure(queue, { maxBacklog: 2 });
      expect((await send(queue, 1, [task(1), task(2)])).kind).toBe("enqueued");
      // The queue is full again, and what was made already needs no room.
      expect((await send(queue, 1, [task(1), task(2)])).kind).toBe("enqueued");
      expect(await payloadsOf(queue)).toEqual([1, 2]);
    });

    test("below what its producer has been answered is refused, and not guessed", async () => {
      const queue = await open();
      await send(queue, 1, [task(1)]);
      await send(queue, 5, [task(5)], { from: 4 });
      for (const number of [1, 2, 3]) {
        expect(await send(queue, number, [task(number)])).toEqual({ kind: "call-forgotten", number, from: 4 });
        await queue.restart();
      }
      // One that was overtaken on its way.
      expect((await send(queue, 4, [task(4)])).kind).toBe("enqueued");
      expect(await payloadsOf(queue)).toEqual([1, 5, 4]);
    });

    test(`is remembered with the last ${LIMITS.producerCalls}, and one more leaves the window`, async () => {
      const queue = await open();
      const numbers = Array.from({ length: LIMITS.producerCalls }, (_, index) => index + 1);
      await Promise.all(numbers.map((number) => send(queue, number, [task(number)])));
      await queue.restart();
      const first = await send(queue, 1, [task(1)]);
      expect(first.kind).toBe("enqueued");
      expect(await counts(queue)).toEqual([LIMITS.producerCalls, 0, 0, 0]);
      await send(queue, LIMITS.producerCalls + 1, [task("one more")]);
      expect(await send(queue, 1, [task(1)])).toEqual({ kind: "call-forgotten", number: 1, from: 2 });
      expect((await send(queue, 2, [task(2)])).kind).toBe("enqueued");
      expect(await counts(queue)).toEqual([LIMITS.producerCalls + 1, 0, 0, 0]);
    });

    test("is remembered for dedupeMs after its producer's last, and forgotten after twice that", async () => {
      const queue = await open();
      await configure(queue, { dedupeMs: 1_000, retentionMs: null });
      const first = await send(queue, 1, [task(1)]);
      queue.advance(1_500);
      await send(queue, 2, [task(2)]);
      queue.advance(999);
      await queue.sweep();
      await queue.restart();
      expect(await send(queue, 1, [task(1)])).toEqual(first);
      queue.advance(2_000);
      expect(await send(queue, 1, [task(1)])).not.toEqual(first);
      expect(await payloadsOf(queue)).toEqual([1, 2, 1]);
    });

    test("that is to be known is refused once its producer is forgotten, and in a queue that never heard of it", async () => {
      const queue = await open();
      const known = (number: number): Promise<OutcomeOf<"enqueue">> =>
        send(queue, number, [task(number)], { known: true });
      const refused = { kind: "call-forgotten", from: null };
      expect(await known(1)).toEqual({ ...refused, number: 1 });
      await configure(queue, { dedupeMs: 1_000 });
      expect(await known(1)).toEqual({ ...refused, number: 1 });
      const made = await send(queue, 1, [task(1)]);
      expect(await known(1)).toEqual(made);
      expect((await known(2)).kind).toBe("enqueued");
      queue.advance(2_000);
      expect(await known(2)).toEqual({ ...refused, number: 2 });
      expect(await payloadsOf(queue)).toEqual([1, 2]);
    });

    test("is made each time where nothing is to be remembered", async () => {
      const queue = await open();
      await configure(queue, { dedupeMs: 0 });
      await send(queue, 1, [task(1)]);
      await send(queue, 1, [task(1)]);
      expect(await payloadsOf(queue)).toEqual([1, 1]);
    });

    test("is forgotten with its queue, and survives a purge", async () => {
      const queue = await open();
      const first = await send(queue, 1, [task(1)]);
      await queue.operate("purge", null);
      expect(await send(queue, 1, [task(1)])).toEqual(first);
      await queue.operate("deleteQueue", null);
      expect(await send(queue, 1, [task(1)])).not.toEqual(first);
      expect(await payloadsOf(queue)).toEqual([1]);
    });
  });

  describe("a numbered modify", () => {
    test("that comes again is answered as before, though its claim is gone by its own doing", async () => {
      const queue = await open();
      const move = await moved(queue);
      const first = await move();
      expect(first).toMatchObject({
        kind: "modified",
        inserted: [{ duplicate: false }, { document: { key: "moved" } }],
      });
      expect(await move()).toEqual(first);
      await queue.restart();
      expect(await move()).toEqual(first);
      expect(await payloadsOf(queue)).toEqual(["out"]);
    });

    test("that was refused may be sent again with its number", async () => {
      const queue = await open();
      const move = await moved(queue);
      queue.advance(60_000);
      expect((await move()).kind).toBe("dependency-failed");
      expect(await send(queue, 1, [task("other")])).toMatchObject({ kind: "enqueued" });
    });
  });
}
