// Lanes: in order of preference or in turns, none starved, each counted and browsed by itself.

import { describe, expect, test } from "vitest";
import type { NewTask } from "../../src/core/operation.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { ack, claim, claimOne, configure, enqueue, expectKind, nack, payloads, stats, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

/** `count` tasks in each of these lanes. */
async function fill(queue: QueueDriver, lanes: readonly string[], count: number): Promise<void> {
  for (const lane of lanes) {
    await enqueue(queue, ...Array.from({ length: count }, (_, index) => task(`${lane}${index}`, { lane })));
  }
}

/** A task in each of `count` lanes. */
function inNewLanes(first: number, count: number): NewTask[] {
  return Array.from({ length: count }, (_, index) => task(1, { lane: `l${first + index}` }));
}

function lanesOf(tasks: readonly ClaimedTask[]): string[] {
  return tasks.map(({ lane }) => lane);
}

export function laneContract(open: OpenQueue): void {
  describe("lanes", () => {
    test("a claim takes from its lanes in order of preference, and from no other", async () => {
      const queue = await open();
      await fill(queue, ["low", "high", "other"], 2);
      const tasks = await claim(queue, { max: 3, lanes: { inOrder: ["high", "low"] } });
      expect(payloads(tasks)).toEqual(["high0", "high1", "low0"]);
      await enqueue(queue, task("high2", { lane: "high" }));
      expect(payloads(await claim(queue, { max: 9, lanes: { inOrder: ["high", "low"] } }))).toEqual(["high2", "low1"]);
      expect(await claim(queue, { max: 9 })).toEqual([]);
      await queue.restart();
      expect(payloads(await claim(queue, { max: 9, lanes: { inOrder: ["nowhere", "other"] } }))).toEqual([
        "other0",
        "other1",
      ]);
    });

    test("a preferred lane comes first whatever the priorities and times in the others", async () => {
      const queue = await open();
      await enqueue(queue, task("urgent", { lane: "low", priority: 100 }));
      queue.advance(10);
      await enqueue(queue, task("plain"), task("later", { lane: "main", priority: -100 }));
      const tasks = await claim(queue, { max: 9, lanes: { inOrder: ["main", "low"] } });
      expect(payloads(tasks)).toEqual(["plain", "later", "urgent"]);
    });

    test("lanes that take turns are served one after another", async () => {
      const queue = await open();
      await fill(queue, ["a", "b", "c"], 4);
      const order: string[] = [];
      for (let index = 0; index < 12; index += 1) {
        order.push((await claimOne(queue, { lanes: { any: ["a", "b", "c"] } })).lane);
      }
      expect(order.join("")).toBe("abcabcabcabc");
    });

    test("lanes that take turns share a batch evenly, and what one leaves the others have", async () => {
      const queue = await open();
      await fill(queue, ["a", "b"], 10);
      await fill(queue, ["c"], 1);
      const batches: Record<string, number>[] = [];
      for (let index = 0; index < 2; index += 1) {
        const counts: Record<string, number> = {};
        const tasks = await claim(queue, { max: 10, lanes: { any: ["a", "b", "c", "none"] } });
        for (const lane of lanesOf(tasks)) counts[lane] = (counts[lane] ?? 0) + 1;
        batches.push(counts);
      }
      expect(batches).toEqual([
        { a: 5, b: 4, c: 1 },
        { a: 5, b: 5 },
      ]);
    });

    test("no lane starves when claims over different lanes alternate", async () => {
      const queue = await open();
      await fill(queue, ["a", "b", "c", "d"], 20);
      const served: Record<string, number> = {};
      for (let index = 0; index < 10; index += 1) {
        for (const any of [
          ["a", "b"],
          ["c", "d"],
        ]) {
          const { lane } = await claimOne(queue, { lanes: { any } });
          served[lane] = (served[lane] ?? 0) + 1;
        }
      }
      expect(served).toEqual({ a: 5, b: 5, c: 5, d: 5 });
    });

    test("a lane that was empty has no turn to make up for, and no turn is lost to an empty lane", async () => {
      const queue = await open();
      await fill(queue, ["a"], 8);
      const any = { lanes: { any: ["a", "b"] } };
      for (let index = 0; index < 4; index += 1) expect((await claimOne(queue, any)).lane).toBe("a");
      await fill(queue, ["b"], 4);
      const order = [];
      for (let index = 0; index < 6; index += 1) order.push((await claimOne(queue, any)).lane);
      expect(order.join("")).toBe("bababa");
    });

    test("each lane is counted and browsed by itself", async () => {
      const queue = await open();
      await fill(queue, ["a", "b"], 3);
      await enqueue(queue, task("later", { lane: "a", delayMs: 1_000 }), task("plain"));
      const [held] = await claim(queue, { lanes: { inOrder: ["a"] } });
      await nack(queue, await claimOne(queue, { lanes: { inOrder: ["b"] } }), { dead: true });
      expect((await stats(queue)).lanes).toEqual({
        main: { ready: 1, delayed: 0, claimed: 0, dead: 0 },
        a: { ready: 2, delayed: 1, claimed: 1, dead: 0 },
        b: { ready: 2, delayed: 0, claimed: 0, dead: 1 },
      });
      const page = async (lane: string) =>
        payloads(expectKind(await queue.operate("browse", { lane, limit: 100, after: 0 }), "page").tasks).toSorted();
      expect(await page("a")).toEqual(["a0", "a1", "a2", "later"]);
      expect(await page("b")).toEqual(["b0", "b1", "b2"]);
      expect(await page("main")).toEqual(["plain"]);
      await ack(queue, ...(held === undefined ? [] : [held]));
      expect((await stats(queue)).lanes["a"]).toEqual({ ready: 2, delayed: 1, claimed: 0, dead: 0 });
    });

    test("a batch that would exceed the number of lanes is refused whole", async () => {
      const queue = await open();
      for (let n = 0; n < 9_000; n += 1_000) await enqueue(queue, ...inNewLanes(n, 1_000));
      await enqueue(queue, ...inNewLanes(9_000, 999));
      expect(await queue.operate("enqueue", { tasks: inNewLanes(9_998, 3) })).toEqual({
        kind: "queue-full",
        what: "lanes",
        limit: 10_000,
      });
      expect((await stats(queue)).ready).toBe(9_999);
      await enqueue(queue, ...inNewLanes(9_998, 2), task("default"));
    });

    test("a limit of claims in flight lets nothing be forgotten that is ready behind it", async () => {
      const queue = await open();
      await configure(queue, { maxInFlight: 1 });
      await fill(queue, ["a"], 2);
      const held = await claimOne(queue, { lanes: { inOrder: ["a"] } });
      expect(await queue.operate("claim", { max: 1, lanes: { inOrder: ["a"] } })).toMatchObject({
        kind: "too-many-claims",
      });
      await ack(queue, held);
      expect(payloads(await claim(queue, { lanes: { inOrder: ["a"] } }))).toEqual(["a1"]);
    });
  });
}
