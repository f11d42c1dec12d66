// Those whom a turn has served wait as before when it fails, however many they are, and at a cost that grows with their number and
// not with its square.

import { afterEach, expect, test, vi } from "vitest";
import { configure, enqueue, expectKind, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const WAITING = 2_000;
const SERVED = 500;
const LANES = { inOrder: ["main"] };

afterEach(() => void vi.restoreAllMocks());

/** The next turn fails at its end, with all that it has done. */
function failOnce({ sql }: MemoryQueue): void {
  const transaction = sql.transaction.bind(sql);
  sql.transaction = (body) => {
    sql.transaction = transaction;
    return transaction(() => {
      body();
      throw new Error("the disk is full");
    });
  };
}

test("in the order in which they came, after one sorting", async () => {
  const queue = new MemoryQueue();
  await configure(queue, {});
  const waiting = Array.from({ length: WAITING }, () =>
    queue.operate("claim", { max: 1, lanes: LANES, waitMs: 20_000 }),
  );
  await queue.operate("getQueue", null);

  failOnce(queue);
  const sorts = [vi.spyOn(Array.prototype, "sort"), vi.spyOn(Array.prototype, "toSorted")];
  await enqueue(queue, ...Array.from({ length: SERVED }, (_, n) => task(n)));
  const sorted = sorts.flatMap(({ mock }) => mock.contexts as unknown[][]).reduce((sum, { length }) => sum + length, 0);
  vi.restoreAllMocks();
  expect(sorted).toBeLessThan(10 * WAITING);

  const outcomes = await Promise.all(waiting.slice(0, SERVED));
  const given = outcomes.flatMap((outcome) => payloads(expectKind(outcome, "claimed").tasks));
  expect(given).toEqual(Array.from({ length: SERVED }, (_, n) => n));
  await enqueue(queue, task("next"));
  const next = await waiting[SERVED];
  expect(next === undefined ? [] : payloads(expectKind(next, "claimed").tasks)).toEqual(["next"]);
});
