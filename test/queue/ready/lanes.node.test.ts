// Lanes come and go: only those that hold tasks count, and none is read when the queue wakes.

import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { ack, claim, claimOne, configure, enqueue, nack, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const name = (n: number): string => `lane-${n}`;

async function fill(queue: MemoryQueue, from: number, to: number): Promise<void> {
  for (let n = from; n < to; n += 1_000) {
    const lanes = Array.from({ length: Math.min(1_000, to - n) }, (_, index) => name(n + index));
    await enqueue(queue, ...lanes.map((lane) => task(lane, { lane })));
  }
}

describe("lanes", () => {
  it("are forgotten when they hold nothing, with retention off and claims always in flight", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { retentionMs: null });
    await enqueue(queue, task("held"));
    await claimOne(queue, { claimTimeoutMs: 3_600_000 });
    for (let round = 0; round < 3; round += 1) {
      const first = round * 5_000;
      await fill(queue, first, first + 5_000);
      for (let n = first; n < first + 5_000; n += 1) {
        const held = await claimOne(queue, { lanes: { inOrder: [name(n)] } });
        expect(await ack(queue, held)).toEqual(["ok"]);
      }
    }
  });

  it("that hold tasks are limited, whether the queue has just woken or not", async () => {
    const queue = new MemoryQueue();
    await fill(queue, 0, LIMITS.lanes);
    const refused = { kind: "queue-full", what: "lanes", limit: LIMITS.lanes };
    const one = (lane: string) => queue.operate("enqueue", { tasks: [task(1, { lane })] });
    expect(await one("another")).toEqual(refused);
    expect(await one(name(7))).toMatchObject({ kind: "enqueued" });
    await queue.restart();
    expect(await one("another")).toEqual(refused);
    // A claimed task still counts, one that is done does not.
    const held = await claimOne(queue, { lanes: { inOrder: [name(3)] } });
    expect(await one("another")).toEqual(refused);
    expect(await nack(queue, held, { delayMs: 0 })).toBe("ok");
    const again = await claimOne(queue, { lanes: { inOrder: [name(3)] } });
    expect(await ack(queue, again)).toEqual(["ok"]);
    expect(await one("another")).toMatchObject({ kind: "enqueued" });
    expect(await one("one-more")).toEqual(refused);
    // Nor does one that was cancelled without having been claimed.
    const browsed = await queue.operate("browse", { limit: 1, after: 0, lane: name(4) });
    const id = browsed.kind === "page" ? (browsed.tasks[0]?.id ?? "") : "";
    expect(await queue.operate("cancelTask", { id, force: false })).toMatchObject({ kind: "cancelled" });
    expect(await one("one-more")).toMatchObject({ kind: "enqueued" });
  });

  it("are not read at a wake, and are found when they are asked for", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { retentionMs: null });
    await fill(queue, 0, 2_000);
    const all = vi.spyOn(queue.sql, "all");
    await queue.restart();
    expect(payloads(await claim(queue, { lanes: { inOrder: [name(1_999)] } }))).toEqual([name(1_999)]);
    expect(all.mock.calls.length).toBeLessThan(40);
  });

  it("are looked for once, however many tasks with keys come to new ones, and go", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { retentionMs: null });
    await fill(queue, 0, LIMITS.lanes - 100);
    const all = vi.spyOn(queue.sql, "all");
    const keyed = (n: number) => queue.operate("enqueue", { tasks: [task(n, { lane: `keyed-${n}`, key: "key" })] });
    for (let n = 0; n < 100; n += 1) expect(await keyed(n)).toMatchObject({ kind: "enqueued" });
    expect(await keyed(100)).toMatchObject({ kind: "queue-full", what: "lanes" });
    // Each that goes makes room for one.
    for (let n = 0; n < 100; n += 1) {
      const held = await claimOne(queue, { lanes: { inOrder: [n % 2 === 0 ? name(n) : `keyed-${n}`] } });
      expect(await ack(queue, held)).toEqual(["ok"]);
      expect(await keyed(100 + n)).toMatchObject({ kind: "enqueued" });
      expect(await keyed(1_000)).toMatchObject({ kind: "queue-full", what: "lanes" });
    }
    // One probe for each lane, and some for each request.
    expect(all.mock.calls.length).toBeLessThan(LIMITS.lanes + 400 * 40);
  });
});
