// A task that goes to its dead-letter queue and back keeps rising in version, so that nothing that named it in its former
// life names it in the new one (P4, P5), also after a restart.

import { expect, test } from "vitest";
import { ack, browseAll, claimOne, configure, counts, enqueue, get, nack, task } from "../contract/builders.ts";
import { failuresOf } from "../contract/modify-builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, newQueueName, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

test("a claim and a version of before it died are lost, though it has its id and its key again", async () => {
  const deadLetters = new ObjectQueue(newQueueName());
  const queue = new ObjectQueue();
  await configure(queue, { deadLetterQueue: deadLetters.name });
  const [written] = await enqueue(queue, task("again"));
  if (written === undefined) throw new Error("a task expected");
  const held = await claimOne(queue, { claimTimeoutMs: 60_000 });
  await nack(queue, held, { dead: true });
  await delivered(queue);
  const [letter] = await browseAll(deadLetters);
  expect(letter?.version).toBeGreaterThan(held.version);
  await deadLetters.operate("redrive", { limit: 10 });
  await delivered(deadLetters);
  await queue.restart();
  expect(await counts(queue)).toEqual([1, 0, 0, 0]);
  expect(await ack(queue, held)).toEqual(["claim-lost"]);
  const back = await get(queue, written.id);
  expect(back).toMatchObject({ state: "ready", attempts: 0 });
  expect(back.version).toBeGreaterThan(letter?.version ?? 0);
  expect(await failuresOf(queue, { delete: [{ task: written }] })).toEqual([
    { operation: "delete", index: 0, id: written.id, reason: "stale", version: back.version },
  ]);
});
