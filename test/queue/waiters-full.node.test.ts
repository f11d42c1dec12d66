// Those who wait while a queue is at its limit of claims are served when there is room again.

import { expect, test } from "vitest";
import type { OutcomeOf } from "../../src/core/operation.ts";
import { Waiters } from "../../src/queue/ready/waiters.ts";
import { ack, claimOne, configure, enqueue, expectKind, payloads, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

test("a ready task of a lane is handed over as soon as a claim ends (P2, P7)", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { maxInFlight: 1 });
  await enqueue(queue, task("first", { lane: "a" }), task("second", { lane: "a" }));
  const held = await claimOne(queue, { lanes: { inOrder: ["a"] }, claimTimeoutMs: 60_000 });
  const waiters = new Waiters();
  const answers: OutcomeOf<"claim">[] = [];
  waiters.add({
    input: { max: 1, lanes: { inOrder: ["a"] } },
    until: queue.now() + 20_000,
    room: () => 1,
    answer: (outcome) => {
      answers.push(outcome);
      return false;
    },
  });
  waiters.serve(queue.state, queue.now());
  expect(waiters.nextParkedAt(queue.state, queue.now())).toBe(queue.now() + 20_000);
  expect(answers).toEqual([]);
  await ack(queue, held);
  waiters.serve(queue.state, queue.now());
  expect(answers.map((answer) => payloads(expectKind(answer, "claimed").tasks))).toEqual([["second"]]);
});
