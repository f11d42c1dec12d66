// However much is asked at one time, the answers of one turn are bounded by counted bytes, and everybody is answered.

import { expect, test } from "vitest";
import { OBJECT_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { OutcomeOf } from "../../src/core/operation.ts";
import { claim, configure, enqueue, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const LARGE = "x".repeat(LIMITS.payloadBytes - 2);
const LANES = { inOrder: ["main"] };

/** What each turn of the queue that answered something held for its answers. */
function answersOf({ queue }: MemoryQueue): number[] {
  const held: number[] = [];
  queue.watch({
    committed: () => {
      const bytes = queue.held.answers.bytes;
      if (bytes > 0) held.push(bytes);
    },
    rolledBack: () => {},
  });
  return held;
}

test("a hundred looks at a task of a megabyte are answered over as many turns as they need", async () => {
  const queue = new MemoryQueue();
  await enqueue(queue, task(LARGE, { id: "large" }));
  const turns = answersOf(queue);
  const looks = Array.from({ length: 100 }, () => queue.operate("getTask", { id: "large" }));
  for (const { kind } of await Promise.all(looks)) expect(kind).toBe("task");
  expect(turns.reduce((sum, bytes) => sum + bytes, 0)).toBeGreaterThan(100 * LIMITS.payloadBytes);
  expect(Math.max(...turns)).toBeLessThan(LIMITS.turnAnswerBytes + 3 * LIMITS.payloadBytes);
});

test("claims that come together hold no more than a turn's answers and one of the largest", async () => {
  const queue = new MemoryQueue();
  for (let n = 0; n < 60; n += 1) await enqueue(queue, task(LARGE));
  const turns = answersOf(queue);
  const claims = await Promise.all(Array.from({ length: 20 }, () => claim(queue, { max: 20 })));
  expect(claims.flat()).toHaveLength(60);
  expect(turns.length).toBeGreaterThan(4);
  expect(Math.max(...turns)).toBeLessThanOrEqual(OBJECT_PARTS.answers);
});

test("claims that wait are served over several turns when what they wait for comes due at one instant", async () => {
  const queue = new MemoryQueue();
  for (let n = 0; n < 40; n += 1) await enqueue(queue, task(LARGE, { delayMs: 1_000 }));
  const waiting = Array.from({ length: 40 }, () => queue.operate("claim", { max: 1, lanes: LANES, waitMs: 20_000 }));
  await queue.operate("getQueue", null);
  const turns = answersOf(queue);
  queue.advance(1_000);
  await queue.sweep();
  for (const outcome of await Promise.all(waiting)) expect(outcome).toMatchObject({ kind: "claimed", tasks: [{}] });
  expect(turns.length).toBeGreaterThan(10);
  expect(Math.max(...turns)).toBeLessThan(LIMITS.turnAnswerBytes + 3 * LIMITS.payloadBytes);
});

/** How many of these claims each turn answered. */
function answeredOf({ queue }: MemoryQueue, claims: readonly Promise<unknown>[]): number[] {
  const turns = [0];
  queue.watch({ committed: () => turns.push(0), rolledBack: () => {} });
  for (const one of claims) void one.then(() => (turns[turns.length - 1] = 1 + (turns.at(-1) ?? 0)));
  return turns;
}

async function waitingFor(queue: MemoryQueue, waitMs: number): Promise<Promise<OutcomeOf<"claim">>[]> {
  const claims = Array.from({ length: 2_000 }, () => queue.operate("claim", { max: 1, lanes: LANES, waitMs }));
  await queue.operate("getQueue", null);
  return claims;
}

test.each([
  ["a task for each becomes due at one instant", 20_000, (queue: MemoryQueue) => queue.advance(1_000), "claimed 1"],
  ["the time of all is over", 500, (queue: MemoryQueue) => queue.advance(500), "claimed 0"],
  ["the queue is paused", 20_000, (queue: MemoryQueue) => configure(queue, { paused: true }), "queue-paused"],
] as const)("two thousand who wait are answered over several turns when %s", async (_when, waitMs, happens, answer) => {
  const queue = new MemoryQueue();
  for (let n = 0; n < 2; n += 1) {
    await enqueue(queue, ...Array.from({ length: 1_000 }, () => task("due", { delayMs: 1_000 })));
  }
  const claims = await waitingFor(queue, waitMs);
  const turns = answeredOf(queue, claims);
  await happens(queue);
  await queue.sweep();
  const answers = (await Promise.all(claims)).map((outcome) =>
    outcome.kind === "claimed" ? `claimed ${outcome.tasks.length}` : outcome.kind,
  );
  expect(new Set(answers)).toEqual(new Set([answer]));
  expect(Math.max(...turns)).toBeLessThanOrEqual(LIMITS.turnServed);
});

test("requests that fill every turn with answers keep nobody who waits from being served", async () => {
  const queue = new MemoryQueue();
  await enqueue(queue, task(LARGE, { id: "large" }));
  await enqueue(queue, task("due", { delayMs: 1_000, lane: "quiet" }));
  const served = queue.operate("claim", { max: 1, lanes: { inOrder: ["quiet"] }, waitMs: 20_000 });
  await queue.operate("getQueue", null);
  queue.advance(1_000);
  let isServed = false;
  void served.then(() => (isServed = true));
  let looks = 0;
  // The rest of the looks still waits when the claim is answered.
  const all = Array.from({ length: 200 }, async () => {
    await queue.operate("getTask", { id: "large" });
    if (!isServed) looks += 1;
  });
  expect(await served).toMatchObject({ tasks: [{}] });
  await Promise.all(all);
  expect(looks).toBeLessThan(20);
});
