// A queue with more lanes than housekeeping looks at in a round sleeps until one of its tasks may be over the retention.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { configure, counts, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;
const LANES = LIMITS.levelsWalked + 500;

test("it sleeps, with thousands of lanes, until its oldest task can be over the retention", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { retentionMs: HOUR_MS });
  for (let first = 0; first < LANES; first += 500) {
    await enqueue(queue, ...Array.from({ length: 500 }, (_, at) => task("held", { lane: `lane-${first + at}` })));
  }
  const enqueuedAt = queue.now();
  await queue.restart();
  let alarms = 0;
  while (queue.alarmAt !== null && queue.alarmAt < enqueuedAt + HOUR_MS) {
    queue.advance(queue.alarmAt - queue.now());
    await queue.sweep();
    expect((alarms += 1)).toBeLessThan(10);
  }
  expect(await counts(queue)).toEqual([LANES, 0, 0, 0]);
  // Then they go, some lanes a minute.
  queue.advance(enqueuedAt + HOUR_MS + 1 - queue.now());
  for (let minute = 0; minute < 4; minute += 1) {
    await queue.sweep();
    queue.advance(MINUTE_MS);
  }
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});
