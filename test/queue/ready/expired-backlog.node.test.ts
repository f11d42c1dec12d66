// A live task that lies after many expired ones is found, whatever asks for it: looking goes on in the next turn.

import { describe, expect, it } from "vitest";
import type { ClaimedTask } from "../../../src/core/task.ts";
import { claim, enqueue, expectKind, payloads, stats, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const EXPIRED = 10_000;

async function withExpired(): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  for (let n = 0; n < EXPIRED; n += 1_000) {
    await enqueue(queue, ...Array.from({ length: 1_000 }, () => task("old", { ttlMs: 1_000 })));
  }
  await enqueue(queue, task("live"));
  queue.advance(1_000);
  return queue;
}

describe("a live task after 10,000 expired ones", () => {
  it("is claimed at once", async () => {
    const queue = await withExpired();
    expect(payloads(await claim(queue, { max: 10 }))).toEqual(["live"]);
    expect(await stats(queue)).toMatchObject({ ready: 0, claimed: 1 });
  });

  it("is given to a claim that waits", async () => {
    const queue = await withExpired();
    const outcome = await queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 5_000 });
    expect(payloads(expectKind(outcome, "claimed").tasks)).toEqual(["live"]);
  });

  it("is given to one who waited before it was there", async () => {
    const queue = new MemoryQueue();
    await enqueue(queue, task("first"));
    await claim(queue, { claimTimeoutMs: 60_000 });
    const waiting = queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] }, waitMs: 5_000 });
    await stats(queue);
    for (let n = 0; n < 3; n += 1) {
      // Past their time when they are written: nobody is given them.
      await enqueue(queue, ...Array.from({ length: 1_000 }, () => task("old", { ttlMs: 0 })));
    }
    await enqueue(queue, task("live"));
    expect(payloads(expectKind(await waiting, "claimed").tasks)).toEqual(["live"]);
  });

  it("is pushed under credit", async () => {
    const queue = await withExpired();
    const { promise, resolve } = Promise.withResolvers<readonly ClaimedTask[]>();
    let room = 1;
    queue.queue.join({
      holder: "socket",
      input: { max: 1, lanes: { inOrder: ["main"] } },
      room: () => room,
      take: (tasks) => {
        room -= tasks.length;
        resolve(tasks);
      },
      lapsed: () => {},
    });
    // Any call makes a turn.
    await queue.operate("ack", { claims: [] });
    expect(payloads(await promise)).toEqual(["live"]);
  });

  it("is found after a claim call of 10,000 tasks has run out past its attempts", async () => {
    const queue = new MemoryQueue();
    for (let n = 0; n < EXPIRED; n += 1_000) {
      await enqueue(queue, ...Array.from({ length: 1_000 }, () => task("dying", { maxAttempts: 1 })));
      await claim(queue, { max: 1_000, claimTimeoutMs: 1_000 });
    }
    await enqueue(queue, task("live"));
    queue.advance(1_000);
    expect(payloads(await claim(queue))).toEqual(["live"]);
  });
});
