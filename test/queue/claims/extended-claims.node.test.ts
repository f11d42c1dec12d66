// What an ack costs when claims have been extended, counted in moves of the heap of deadlines.

import { describe, expect, it, vi } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { DeadlineHeap } from "../../../src/queue/claims/deadline-heap.ts";
import { ack, claim, claimOne, enqueue, extend, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const IN_FLIGHT = 10_000;
const A_CALL = 100;

describe("an ack", () => {
  it("costs the same after ten extends of 10,000 claims as after none", async () => {
    const set = vi.spyOn(DeadlineHeap.prototype, "set");
    const queue = new MemoryQueue();
    const batch = Array.from({ length: LIMITS.batchTasks }, (_, n) => task(n));
    for (let n = 0; n < IN_FLIGHT; n += batch.length) await enqueue(queue, ...batch);
    const claimed = [];
    for (let n = 0; n < IN_FLIGHT; n += A_CALL) claimed.push(...(await claim(queue, { max: A_CALL })));
    expect(claimed).toHaveLength(IN_FLIGHT);
    const heaps = new Set(set.mock.contexts as DeadlineHeap<unknown>[]);
    set.mockRestore();
    const entries = (): number => [...heaps].reduce((sum, heap) => sum + heap.size, 0);
    const moves = (): number => [...heaps].reduce((sum, heap) => sum + heap.moves, 0);
    expect(entries()).toBe(IN_FLIGHT / A_CALL);

    for (let round = 0; round < 10; round += 1) {
      queue.advance(1_000);
      for (let n = 0; n < IN_FLIGHT; n += 1_000) await extend(queue, 30_000, ...claimed.slice(n, n + 1_000));
    }
    expect(entries()).toBe(IN_FLIGHT / A_CALL);

    const before = moves();
    for (const held of claimed) expect(await ack(queue, held)).toEqual(["ok"]);
    // One ack in a hundred empties its claim call, which then leaves a heap of a hundred: about seven moves.
    expect(moves() - before).toBeLessThanOrEqual((IN_FLIGHT / A_CALL) * 8);
    expect(entries()).toBe(0);
  });

  it("comes too late at the deadline that the last extend gave, also a sooner one", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, task(1));
    const held = await claimOne(queue);
    await extend(queue, 60_000, held);
    await extend(queue, 5_000, held);
    queue.advance(4_999);
    expect(await claim(queue)).toEqual([]);
    queue.advance(1);
    expect(await ack(queue, held)).toEqual(["claim-lost"]);
    expect(await claimOne(queue)).toMatchObject({ attempts: 2 });
  });
});
