// Those who wait while a queue is at its limit of claims are served when there is room again.

import { expect, test } from "vitest";
import { ack, claimOne, configure, enqueue, expectKind, payloads, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

test("a ready task of a lane is handed over as soon as a claim ends (P2, P7)", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { maxInFlight: 1 });
  await enqueue(queue, task("first", { lane: "a" }), task("second", { lane: "a" }));
  const held = await claimOne(queue, { lanes: { inOrder: ["a"] }, claimTimeoutMs: 60_000 });
  const waiting = queue.operate("claim", { max: 1, lanes: { inOrder: ["a"] }, waitMs: 20_000 });
  await queue.operate("getQueue", null);
  await ack(queue, held);
  expect(payloads(expectKind(await waiting, "claimed").tasks)).toEqual(["second"]);
});
