// The delay after a failed attempt is an instant that a row can hold, however many attempts there have been.

import { describe, expect, it } from "vitest";
import { backoffMs } from "../../src/core/backoff.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { claimOne, configure, enqueue, nack, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

describe("the delay after a failed attempt", () => {
  it("is an integer from 0 to maxMs for every attempt there can be", () => {
    for (const minMs of [0, 1, 1_000, LIMITS.backoffMs]) {
      for (const factor of [1, 2, LIMITS.backoffFactor]) {
        const backoff = { minMs, maxMs: LIMITS.backoffMs, factor, jitter: 0.2 };
        for (const attempt of [1, 2, 310, 1_000, 1_025, 1_000_000, Number.MAX_SAFE_INTEGER]) {
          const delayMs = backoffMs(backoff, attempt, 0.999);
          expect(Number.isInteger(delayMs), `${minMs} x ${factor}^${attempt}: ${delayMs}`).toBe(true);
          expect(delayMs).toBeGreaterThanOrEqual(0);
          expect(delayMs).toBeLessThanOrEqual(LIMITS.backoffMs);
        }
      }
    }
  });

  it("lets a task be offered as often as its queue allows", async () => {
    const queue = new MemoryQueue();
    await configure(queue, { maxAttempts: 1_000, backoff: { minMs: 0, factor: 10 } });
    for (const lane of ["main", "other"]) {
      await enqueue(queue, task(lane, { lane }));
      for (let attempt = 1; attempt <= 320; attempt += 1) {
        const held = await claimOne(queue, { lanes: { inOrder: [lane] } });
        expect(held.attempts).toBe(attempt);
        expect(await nack(queue, held)).toBe("ok");
        // Given back for the hundredth time, it rests, at most a second.
        queue.advance(1_000);
      }
    }
  });
});
