// Claims that run out together while many wait for tasks: whoever takes one ends some first, and all of them together end as many in a
// turn as one alone.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { browseAll, claim, configure, counts, enqueue, payloads, task } from "../contract/builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const LANES = { inOrder: ["main"] };
const TIMEOUT_MS = 60_000;
/** Of each expiry: the task leaves its run, which is marked or deleted. */
const ROWS_OF_ONE = 2;
const MOST_ROWS = ROWS_OF_ONE * LIMITS.sweepBatch + LIMITS.turnServed;

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

class CountedQueue extends MemoryQueue {
  /** Rows that each turn wrote. */
  readonly written: number[] = [];

  constructor() {
    super();
    let before = 0;
    const begins = (): number => (before = this.sql.rowsWritten);
    aroundTurns(this.sql, () => this.written.push(this.sql.rowsWritten - before), begins);
  }

  protected override soon(turn: () => void): void {
    setImmediate(turn);
  }
}

async function withClaims(count: number): Promise<CountedQueue> {
  const queue = new CountedQueue();
  await configure(queue, { maxAttempts: null });
  for (let claimed = 0; claimed < count; claimed += 1_000) {
    await enqueue(queue, ...numbers(1_000).map((n) => task(n)));
    await claim(queue, { max: 1_000, claimTimeoutMs: TIMEOUT_MS });
  }
  queue.written.length = 0;
  return queue;
}

test("a hundred claims that wait end no more of those that run out in a turn than one does", async () => {
  const queue = await withClaims(10_000);
  const waiting = numbers(100).map(() => queue.operate("claim", { max: 1, lanes: LANES, waitMs: 20_000 }));
  await queue.operate("getQueue", null);
  queue.advance(TIMEOUT_MS);
  while ((queue.alarmAt ?? Number.POSITIVE_INFINITY) <= queue.now()) await queue.sweep();
  for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ kind: "claimed", tasks: [{}] });
  expect(await counts(queue)).toEqual([9_900, 0, 100, 0]);
  expect(Math.max(...queue.written)).toBeLessThanOrEqual(MOST_ROWS);
});

test("a hundred claims at once end no more of them in a turn, and each is given a task", async () => {
  const queue = await withClaims(10_000);
  queue.advance(TIMEOUT_MS);
  const claims = await Promise.all(numbers(100).map(() => claim(queue)));
  for (const tasks of claims) expect(tasks).toHaveLength(1);
  expect(Math.max(...queue.written)).toBeLessThanOrEqual(MOST_ROWS);
});

test("requests that name tasks end no more of them in a turn, and none finds its task claimed still", async () => {
  const queue = await withClaims(10_000);
  const last = (await browseAll(queue, "claimed", 1_000)).slice(-8);
  queue.advance(TIMEOUT_MS);
  queue.written.length = 0;
  const outcomes = await Promise.all(
    last.map(({ id, version }, index) => {
      const named = { id, version: version + 1 };
      if (index % 4 === 0) return queue.operate("cancelTask", { id, force: false });
      if (index % 4 === 1) return queue.operate("changeTask", { ...named, change: { priority: 1 } });
      if (index % 4 === 2)
        return queue.operate("modify", { insert: [], change: [], delete: [{ task: named }], depend: [] });
      return queue.operate("releaseTask", { id });
    }),
  );
  // One that is not claimed has nothing to be released.
  const kinds = ["cancelled", "task", "modified", "version-conflict"];
  expect(outcomes.map(({ kind }) => kind)).toEqual([...kinds, ...kinds]);
  expect(Math.max(...queue.written)).toBeLessThanOrEqual(MOST_ROWS + 50);
});

test("claims that wait meet many tasks past their TTL, and no turn removes those of more than a few of them", async () => {
  const queue = new CountedQueue();
  for (const lane of numbers(40)) {
    const over = numbers(500).map((n) => task(n, { lane: `l${lane}`, delayMs: 10_000, ttlMs: 5_000, priority: 1 }));
    await enqueue(queue, ...over, task("good", { lane: `l${lane}`, delayMs: 10_000 }));
  }
  const waiting = numbers(40).map((lane) =>
    queue.operate("claim", { max: 1, lanes: { inOrder: [`l${lane}`] }, waitMs: 20_000 }),
  );
  await queue.operate("getQueue", null);
  queue.written.length = 0;
  queue.advance(10_000);
  await queue.operate("getTask", { id: "none" });
  for (const outcome of await Promise.all(waiting)) {
    if (outcome.kind !== "claimed") throw new Error(`expected tasks, found ${outcome.kind}`);
    expect(payloads(outcome.tasks)).toEqual(["good"]);
  }
  // Each row is read, and then removed; the claim that reaches the bound is served.
  expect(Math.max(...queue.written)).toBeLessThanOrEqual(LIMITS.turnRows / 2 + 501);
});
