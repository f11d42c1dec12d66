// Tasks that are visible since one instant come in the order of their arrival, wherever their rows are stored (P11).

import { describe, expect, it } from "vitest";
import { claim, enqueue, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

describe("tasks visible since one instant", () => {
  it.each([1, 3, 7, 100])("come in the order of arrival, %i at a time, after they ran out together", async (max) => {
    const queue = new MemoryQueue();
    const expected: number[] = [];
    // Every third has a header, so a row of its own in the order of arrival; runs leave theirs when their claims run out.
    for (let n = 0; n < 100; n += 1) {
      await enqueue(queue, n % 3 === 0 ? task(n, { headers: { n: String(n) } }) : task(n));
      expected.push(n);
    }
    expect(await claim(queue, { max: 100, claimTimeoutMs: 1_000 })).toHaveLength(100);
    queue.advance(1_000);
    const found = [];
    while (found.length < 100) {
      const page = await claim(queue, { max });
      expect(page.length).toBeGreaterThan(0);
      found.push(...payloads(page));
      if (found.length === 35) await queue.restart();
    }
    expect(found).toEqual(expected);
  });

  it("are merged with those of other instants", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, task("a", { headers: { n: "1" } }), task("b"), task("c"), task("d", { headers: { n: "2" } }));
    await enqueue(
      queue,
      task("early", { delayMs: 999 }),
      task("same", { delayMs: 1_000 }),
      task("late", { delayMs: 1_001 }),
    );
    await claim(queue, { max: 4, claimTimeoutMs: 1_000 });
    queue.advance(2_000);
    const found = [];
    for (let n = 0; n < 4; n += 1) found.push(...payloads(await claim(queue, { max: 2 })));
    expect(found).toEqual(["early", "a", "b", "c", "d", "same", "late"]);
  });
});
