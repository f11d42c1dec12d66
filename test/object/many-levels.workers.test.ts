// Housekeeping of a queue with thousands of lanes: a round looks at a bounded number of them, and the rounds together at all.

import { expect, test, vi } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { TaskStatements } from "../../src/store/task-statements.ts";
import { configure, counts, enqueue, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const HOUR_MS = 3_600_000;
/** Between two rounds. */
const MINUTE_MS = 60_000;

/** One task that is over its retention, in the last of so many lanes; each of the others holds one that is not. */
async function queueOf(lanes: number): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: HOUR_MS });
  await delivered(queue);
  await enqueue(queue, task("old", { lane: "z" }));
  queue.advance(HOUR_MS / 2);
  for (let first = 1; first < lanes; first += LIMITS.sweepBatch) {
    const count = Math.min(LIMITS.sweepBatch, lanes - first);
    await enqueue(queue, ...Array.from({ length: count }, (_, at) => task("new", { lane: `lane-${first + at}` })));
  }
  queue.advance(HOUR_MS / 2);
  return queue;
}

/** How many levels one alarm looks up in the index. */
async function round(queue: ObjectQueue): Promise<number> {
  let looked = 0;
  // oxlint-disable-next-line typescript/unbound-method -- applied to the object that the spy is called on
  const { levels } = TaskStatements.prototype;
  const spy = vi.spyOn(TaskStatements.prototype, "levels").mockImplementation(function* (this: TaskStatements, from) {
    for (const level of levels.call(this, from)) {
      looked += 1;
      yield level;
    }
  });
  await queue.sweep();
  spy.mockRestore();
  return looked;
}

test("a round looks at a bounded number of lanes, and what is over its time goes within some rounds", async () => {
  const lanes = LIMITS.levelsWalked * 2.5;
  const queue = await queueOf(lanes);
  for (const left of [lanes, lanes, lanes - 1]) {
    // Once for what is over its time, once for when something next is; each finds out that there are more.
    expect(await round(queue)).toBeLessThanOrEqual(2 * (LIMITS.levelsWalked + 1));
    expect(await counts(queue)).toEqual([left, 0, 0, 0]);
    queue.advance(MINUTE_MS);
  }
});
