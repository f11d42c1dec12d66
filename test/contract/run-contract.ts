// Plain tasks that were enqueued together share a row. Nobody can tell, whatever becomes of each of them.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  extend,
  get,
  nack,
  payloads,
  ref,
  task,
} from "./builders.ts";
import { modify } from "./modify-builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Ten plain tasks in one row, 0 to 9. */
async function openRun(open: OpenQueue): Promise<{ queue: QueueDriver; ids: string[] }> {
  const queue = await open();
  await configure(queue, { maxAttempts: 2, backoff: { minMs: 0 } });
  const written = await enqueue(queue, ...numbers(10).map((number) => task(number)));
  return { queue, ids: written.map(({ id }) => id) };
}

export function runContract(open: OpenQueue): void {
  describe("tasks enqueued together", () => {
    test("are looked up, browsed and counted one by one", async () => {
      const { queue, ids } = await openRun(open);
      for (const [index, id] of ids.entries())
        expect(await get(queue, id)).toMatchObject({ id, payload: String(index) });
      expect(payloads(await browseAll(queue, undefined, 3))).toEqual(numbers(10));
      expect(await counts(queue)).toEqual([10, 0, 0, 0]);
      await queue.restart();
      expect(await counts(queue)).toEqual([10, 0, 0, 0]);
    });

    test("are claimed piece by piece and acked in any order, over restarts (P5)", async () => {
      const { queue } = await openRun(open);
      const held = [...(await claim(queue, { max: 3 })), ...(await claim(queue, { max: 4 }))];
      await queue.restart();
      expect(await ack(queue, ...[5, 1, 3].flatMap((index) => held[index] ?? []))).toEqual(["ok", "ok", "ok"]);
      await queue.restart();
      expect(await ack(queue, ...[5, 0].flatMap((index) => held[index] ?? []))).toEqual(["task-not-found", "ok"]);
      expect(await counts(queue)).toEqual([3, 0, 3, 0]);
      const rest = await claim(queue, { max: 10 });
      expect(payloads(rest)).toEqual([7, 8, 9]);
      expect(await ack(queue, ...rest, ...[2, 4, 6].flatMap((index) => held[index] ?? []))).toEqual(
        numbers(6).map(() => "ok"),
      );
      await queue.restart();
      expect(await browseAll(queue)).toEqual([]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("fail one by one: the failed one keeps its id, the others their claims (P4, P8)", async () => {
      const { queue, ids } = await openRun(open);
      const held = await claim(queue, { max: 10 });
      const [, second, third] = held;
      if (second === undefined || third === undefined) throw new Error("ten tasks expected");
      await nack(queue, second, { error: "once" });
      await nack(queue, third, { release: true });
      await queue.restart();
      const again = await claim(queue, { max: 10 });
      expect(again.map(({ id, attempts, error }) => [id, attempts, error])).toEqual([
        [ids[1], 2, "once"],
        [ids[2], 1, null],
      ]);
      expect(await ack(queue, second, third)).toEqual(["claim-lost", "claim-lost"]);
      const [last] = again;
      if (last === undefined) throw new Error("a task expected");
      await nack(queue, last, { error: "twice" });
      expect(await get(queue, last.id)).toMatchObject({ state: "dead", attempts: 2, error: "twice" });
      expect(await ack(queue, ...held.filter((one) => one !== second && one !== third))).toEqual(
        numbers(8).map(() => "ok"),
      );
      expect(await counts(queue)).toEqual([0, 0, 1, 1]);
    });

    test("one is snoozed by itself, and the others keep their claims (P4, P8)", async () => {
      const { queue, ids } = await openRun(open);
      const held = await claim(queue, { max: 10 });
      const [, second] = held;
      if (second === undefined) throw new Error("ten tasks expected");
      await nack(queue, second, { snooze: true, delayMs: 100 });
      await queue.restart();
      queue.advance(99);
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      expect(await claimOne(queue)).toMatchObject({ id: ids[1], attempts: 1, error: null });
      expect(await ack(queue, ...held.filter((one) => one !== second))).toEqual(numbers(9).map(() => "ok"));
    });

    test("expire together and come back in their order", async () => {
      const { queue } = await openRun(open);
      await claim(queue, { max: 6, claimTimeoutMs: 10 });
      queue.advance(10);
      await queue.restart();
      expect(payloads(await claim(queue, { max: 10 }))).toEqual([6, 7, 8, 9, 0, 1, 2, 3, 4, 5]);
    });

    test("are extended one by one", async () => {
      const { queue } = await openRun(open);
      const held = await claim(queue, { max: 10, claimTimeoutMs: 100 });
      await extend(queue, 500, ...held.slice(2, 5));
      await queue.restart();
      queue.advance(100);
      expect(payloads(await claim(queue, { max: 10, claimTimeoutMs: 10_000 }))).toEqual([0, 1, 5, 6, 7, 8, 9]);
      expect(await ack(queue, ...held.slice(2, 5))).toEqual(["ok", "ok", "ok"]);
    });

    test("are changed and cancelled one by one, in place and in order", async () => {
      const { queue, ids } = await openRun(open);
      const [first = "", second = "", third = ""] = ids;
      expectKind(
        await queue.operate("changeTask", { id: second, version: 1, change: { payload: '"changed"' } }),
        "task",
      );
      expectKind(await queue.operate("changeTask", { id: third, version: 1, change: { delayMs: 50 } }), "task");
      expectKind(await queue.operate("cancelTask", { id: first, force: false }), "cancelled");
      expect((await queue.operate("getTask", { id: first })).kind).toBe("task-not-found");
      expect(await get(queue, second)).toMatchObject({ id: second, version: 2, payload: '"changed"', state: "ready" });
      await queue.restart();
      queue.advance(50);
      expect(payloads(await claim(queue, { max: 10 }))).toEqual(["changed", 3, 4, 5, 6, 7, 8, 9, 2]);
    });

    test("are duplicates under the ids that the queue gave them, one by one (P10)", async () => {
      const { queue, ids } = await openRun(open);
      const [, , third = ""] = ids;
      expect(await enqueue(queue, task("again", { id: third }))).toMatchObject([{ id: third, duplicate: true }]);
      expectKind(await queue.operate("cancelTask", { id: third, force: false }), "cancelled");
      // As a task's own id it would stand before the tasks that the queue names.
      const refused = await queue.operate("enqueue", { tasks: [task("anew", { id: third })] });
      expect(refused).toMatchObject({ kind: "invalid", field: "id", given: third });
    });

    test("leave nothing behind when the queue is purged or deleted under claims", async () => {
      const { queue } = await openRun(open);
      const held = await claim(queue, { max: 5 });
      await ack(queue, ...held.slice(0, 2));
      expect(await queue.operate("purge", null)).toEqual({ kind: "done", tasks: 8 });
      expect(await ack(queue, ...held.slice(2, 3))).toEqual(["task-not-found"]);
      await queue.restart();
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
      await enqueue(queue, task("a"), task("b"));
      expect(payloads(await claim(queue, { max: 5 }))).toEqual(["a", "b"]);
    });

    test("run over the limits of a row into the next, and are one sequence still", async () => {
      const queue = await open();
      const big = "x".repeat(6_000);
      await enqueue(queue, ...numbers(250).map((number) => task(number)), task(big), task(big), task(big), task(250));
      expect(payloads(await claim(queue, { max: 150 }))).toEqual(numbers(150));
      await queue.restart();
      expect(payloads(await claim(queue, { max: 1_000 }))).toEqual([...numbers(250).slice(150), big, big, big, 250]);
    });

    test("a token tells nothing of the row: it names one task", async () => {
      const { queue } = await openRun(open);
      const [first, second] = await claim(queue, { max: 2 });
      if (first === undefined || second === undefined) throw new Error("two tasks expected");
      expect(ref(second.claim).key).toBe(ref(first.claim).key + 1);
      expect(await ack(queue, first)).toEqual(["ok"]);
      expect(await ack(queue, first)).toEqual(["task-not-found"]);
      expect(payloads([await claimOne(queue)])).toEqual([2]);
      expect(await ack(queue, second)).toEqual(["ok"]);
    });

    test.each([["in the life in which they were cancelled", false] as const, ["after a restart", true] as const])(
      "of more rows than are remembered, some are cancelled and stay so %s (P4, P5, P12)",
      async (_when, isRestarted) => {
        const queue = await open();
        const rows = 2 * LIMITS.runsKept + 500;
        // Two of them fill a row.
        const filler = "x".repeat(LIMITS.runBytes / 2 - 100);
        const ids: string[] = [];
        for (let from = 0; from < 2 * rows; from += 500) {
          const written = await enqueue(queue, ...numbers(500).map((number) => task([from + number, filler])));
          ids.push(...written.map(({ id }) => id));
        }
        const held = await claimOne(queue);
        // The row with the claim has its turn in the middle, so that others are forgotten before and after.
        const starts = numbers(rows / 250).map((batch) => 500 * batch);
        for (const from of [...starts.slice(1, 6), 0, ...starts.slice(6)]) {
          const second = ids.slice(from, from + 500).filter((_id, index) => index % 2 === 1);
          await modify(queue, { delete: second.map((id) => ({ task: { id, version: 1 } })) });
        }
        if (isRestarted) await queue.restart();

        expect(await queue.operate("cancelTask", { id: ids.at(-1) ?? "", force: false })).toMatchObject({
          kind: "task-not-found",
        });
        expect(await counts(queue)).toEqual([rows - 1, 0, 1, 0]);
        expect(await ack(queue, held)).toEqual(["ok"]);
        const left: unknown[] = [];
        for (
          let page = await claim(queue, { max: 1_000 });
          page.length > 0;
          page = await claim(queue, { max: 1_000 })
        ) {
          for (const payload of payloads(page)) left.push((payload as [number])[0]);
          await ack(queue, ...page);
        }
        expect(left).toEqual(numbers(rows - 1).map((number) => 2 * number + 2));
        if (isRestarted) await queue.restart();
        expect(await counts(queue)).toEqual([0, 0, 0, 0]);
      },
    );
  });
}
