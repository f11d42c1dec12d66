// What is in memory is no row that the database would count: how many claims, lanes and consumers one turn walks over is bounded by
// itself, and what is asked for beyond it is done in the turns after it.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { claim, configure, enqueue, task } from "../contract/builders.ts";
import { aroundTurns } from "../node/around-turns.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

/** Knows in which turn something was answered. */
class CountedQueue extends MemoryQueue {
  turns = 0;

  constructor() {
    super();
    aroundTurns(this.sql, () => (this.turns += 1));
  }

  /** Answers arrive before the next turn begins. */
  protected override soon(turn: () => void): void {
    setImmediate(turn);
  }

  /** The most of so many answers, asked for at once, that came in one turn. */
  async mostInATurn(times: number, ask: () => Promise<unknown>): Promise<number> {
    const inTurn = new Map<number, number>();
    const answered = (): unknown => inTurn.set(this.turns, (inTurn.get(this.turns) ?? 0) + 1);
    await Promise.all(Array.from({ length: times }, () => ask().then(answered)));
    return Math.max(...inTurn.values());
  }
}

const ASKED = 100;
const CLAIMS = 20_000;

async function withClaims(): Promise<CountedQueue> {
  const queue = new CountedQueue();
  for (let claimed = 0; claimed < CLAIMS; claimed += 1_000) {
    await enqueue(queue, ...Array.from({ length: 1_000 }, (_, index) => task(index)));
    await claim(queue, { max: 1_000, claimTimeoutMs: 3_600_000 });
  }
  return queue;
}

/** The one that reaches the bound is done in the same turn. */
const mostThatWalk = (entries: number): number => Math.ceil(LIMITS.turnWalked / entries);

test("a hundred looks at a queue, or at its consumers, with 20,000 claims", async () => {
  const queue = await withClaims();
  const looks: (() => Promise<unknown>)[] = [
    () => queue.operate("getQueue", null),
    () => queue.operate("listConsumers", { limit: 1_000 }),
    () => configure(queue, { maxAttempts: 5 }),
  ];
  for (const look of looks) expect(await queue.mostInATurn(ASKED, look)).toBeLessThanOrEqual(mostThatWalk(CLAIMS));
});

const LANES = Array.from({ length: LIMITS.claimLanes }, (_, index) => `lane-${index}`);
const PRIORITIES = 2 * LIMITS.priority + 1;
const LEVELS = LANES.length * PRIORITIES;

/** Every lane that one claim may name, with a delayed task at every priority. */
async function withLevels(): Promise<CountedQueue> {
  const queue = new CountedQueue();
  for (const lane of LANES) {
    const levels = Array.from({ length: PRIORITIES }, (_, index) => index - LIMITS.priority);
    await enqueue(queue, ...levels.map((priority) => task(priority, { lane, priority, delayMs: 60_000 })));
  }
  return queue;
}

test("a hundred claims over 32 lanes with tasks of 201 priorities", async () => {
  const queue = await withLevels();
  const lanes = { inOrder: LANES };
  expect(await claim(queue, { lanes })).toEqual([]);
  const empty = async (): Promise<unknown> => expect(await claim(queue, { lanes })).toEqual([]);
  expect(await queue.mostInATurn(ASKED, empty)).toBeLessThanOrEqual(mostThatWalk(LEVELS));
});
