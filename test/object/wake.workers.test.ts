// Waking up costs what is in flight, never what is waiting (P12), and forgets nothing (P3, P4, P5, P8).

import { runInDurableObject } from "cloudflare:test";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { ack, claim, claimOne, configure, counts, enqueue, nack, payloads, task } from "../contract/builders.ts";
import { modify } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

/** Rows read by an instance that has just woken, up to and including one claim of one task: when that is answered. */
async function rowsReadToFirstClaim(queue: ObjectQueue, attempts = 1): Promise<number> {
  await queue.restart();
  return runInDurableObject(queue.stub, async (object) => {
    const outcome = await object.operate("claim", { max: 1, lanes: { inOrder: ["main"] } });
    expect(outcome).toMatchObject({ kind: "claimed", tasks: [{ attempts }] });
    return object.usage().rowsRead;
  });
}

test("the first claim after a wake reads as little of a long backlog as of a short one", async () => {
  const short = new ObjectQueue();
  const long = new ObjectQueue();
  for (const [queue, batches] of [
    [short, 1],
    [long, 20],
  ] as const) {
    for (let batch = 0; batch < batches; batch += 1) {
      await enqueue(
        queue,
        ...Array.from({ length: 500 }, (_, index) => task(index, index % 5 === 0 ? { delayMs: 60_000 + index } : {})),
      );
      // No two become visible at one instant: those that do are read with two probes more.
      queue.advance(500);
    }
  }
  const few = await rowsReadToFirstClaim(short);
  expect(await rowsReadToFirstClaim(long)).toBe(few);
  expect(few).toBeLessThan(72);
});

test("rows of several tasks, in each of which one was cancelled, are not all read by each wake", async () => {
  const queue = new ObjectQueue();
  // Two of them fill a row.
  const filler = "x".repeat(LIMITS.runBytes / 2 - 100);
  for (let rows = 0; rows < 3 * LIMITS.runsKept; rows += 250) {
    const pairs = await enqueue(queue, ...Array.from({ length: 500 }, () => task(filler)));
    const second = pairs.filter((_pair, index) => index % 2 === 1);
    await modify(queue, { delete: second.map(({ id }) => ({ task: { id, version: 1 } })) });
  }
  // Those remembered, each with the length of its row.
  expect(await rowsReadToFirstClaim(queue)).toBeLessThan(2 * LIMITS.runsKept + 72);
});

test("delayed tasks, other lanes and claimed tasks in front are not read again by each wake", async () => {
  const queue = new ObjectQueue();
  await enqueue(queue, ...Array.from({ length: 500 }, (_, index) => task(index, { delayMs: 60_000 })));
  await enqueue(queue, ...Array.from({ length: 500 }, (_, index) => task(index, { lane: "other" })));
  await enqueue(queue, ...Array.from({ length: 500 }, (_, index) => task(index)));
  await ack(queue, ...(await claim(queue, { max: 400 })));
  await claim(queue, { max: 50 });
  // Fifty claims, each with its row: twice read (the claim's entries, the tasks), and a constant beside.
  expect(await rowsReadToFirstClaim(queue)).toBeLessThan(4 * 50 + 60);
});

test("an eviction with claims in flight breaks no promise (P3, P4, P5, P8)", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { maxAttempts: 2, backoff: { minMs: 0 } });
  await enqueue(queue, ...Array.from({ length: 6 }, (_, index) => task(index)));
  const held = await claim(queue, { max: 4, claimTimeoutMs: 1_000 });
  await queue.restart();
  expect(payloads(await claim(queue, { max: 10, claimTimeoutMs: 60_000 }))).toEqual([4, 5]);
  await queue.restart();
  expect(await ack(queue, ...held.slice(0, 1))).toEqual(["ok"]);
  await queue.restart();
  expect(await ack(queue, ...held.slice(0, 1))).toEqual(["task-not-found"]);
  queue.advance(1_000);
  await queue.restart();
  expect(await ack(queue, ...held.slice(1))).toEqual(["claim-lost", "claim-lost", "claim-lost"]);
  const second = await claim(queue, { max: 10, claimTimeoutMs: 1_000 });
  expect(second.map(({ attempts }) => attempts)).toEqual([2, 2, 2]);
  const [first] = second;
  if (first === undefined) throw new Error("a task expected");
  expect(await nack(queue, first)).toBe("ok");
  await queue.restart();
  queue.advance(1_000);
  await queue.sweep();
  expect(await counts(queue)).toEqual([0, 0, 2, 3]);
});

test("after ten thousand remembered ids and a sweep of the claims' rows, a wake and its first claim read few rows (P12)", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { dedupeMs: 86_400_000 });
  for (let batch = 0; batch < 10; batch += 1) {
    await enqueue(queue, ...Array.from({ length: 1_000 }, (_, index) => task(index, { id: `${batch}-${index}` })));
    await ack(queue, ...(await claim(queue, { max: 1_000 })));
  }
  // More claim calls in flight at one time than rows are kept for.
  await enqueue(queue, ...Array.from({ length: 1_001 }, (_, index) => task(index)));
  const held = await Promise.all(Array.from({ length: 1_001 }, () => claimOne(queue, { claimTimeoutMs: 60_000 })));
  await ack(queue, ...held.slice(1));
  queue.advance(60_000);
  await queue.sweep();
  const claimRows = await runInDurableObject(queue.stub, (_object, { storage }) =>
    Number(storage.sql.exec("SELECT count(*) AS n FROM claims").one()["n"]),
  );
  expect(claimRows).toBeLessThan(2);
  expect(await rowsReadToFirstClaim(queue, 2)).toBeLessThan(100);
});
