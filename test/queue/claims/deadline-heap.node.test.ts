// The heap of deadlines: one entry an item, whatever becomes of it.

import { fc } from "../../random/fc.ts";
import { describe, expect, it } from "vitest";
import { DeadlineHeap } from "../../../src/queue/claims/deadline-heap.ts";

const STEP = fc.record({ item: fc.nat({ max: 20 }), at: fc.option(fc.nat({ max: 50 }), { nil: null }) });

describe("a heap of deadlines", () => {
  it("gives its items in the order of their last deadlines, each once", () => {
    fc.assert(
      fc.property(fc.array(STEP, { maxLength: 200 }), (steps) => {
        const heap = new DeadlineHeap<number>();
        const deadlines = new Map<number, number>();
        for (const { item, at } of steps) {
          if (at === null) {
            heap.delete(item);
            deadlines.delete(item);
          } else {
            heap.set(item, at);
            deadlines.set(item, at);
          }
          expect(heap.size).toBe(deadlines.size);
          expect(heap.peek()?.at).toBe(deadlines.size === 0 ? undefined : Math.min(...deadlines.values()));
        }
        for (const at of [...deadlines.values()].toSorted((a, b) => a - b)) {
          const popped = heap.pop();
          expect(popped?.at).toBe(at);
          expect(deadlines.get(popped?.item ?? -1)).toBe(at);
          deadlines.delete(popped?.item ?? -1);
        }
        expect(heap.size).toBe(0);
      }),
    );
  });
});
