// What a task remembers of its attempts goes with it: to the dead-letter queue, back, and with an export; and costs no row.

import { expect, test } from "vitest";
import { claimOne, configure, enqueue, get, nack, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, newQueueName, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const errorsOf = async (queue: ObjectQueue, id: string): Promise<unknown[]> =>
  ((await get(queue, id)).pastAttempts ?? []).map(({ attempt, error }) => [attempt, error]);

test.each(["a task with a row of its own", "a task in a run"])(
  "%s takes its attempts along, and back",
  async (kind) => {
    const deadLetters = new ObjectQueue(newQueueName());
    const queue = new ObjectQueue();
    await configure(queue, { maxAttempts: kind.endsWith("own") ? 2 : 1, deadLetterQueue: deadLetters.name });
    await configure(deadLetters, { maxAttempts: 1 });
    await delivered(queue);
    const [written] = await enqueue(queue, ...(kind.endsWith("own") ? [task(1)] : [task(1), task(2)]));
    const id = written?.id ?? "";
    const died: unknown[] = [];
    if (kind.endsWith("own")) {
      await nack(queue, await claimOne(queue), { error: "first", delayMs: 0 });
      died.push([1, "first"]);
    }
    await nack(queue, await claimOne(queue), { error: "last" });
    died.push([died.length + 1, "last"]);
    await delivered(queue);
    expect(await errorsOf(deadLetters, id)).toEqual(died);
    // Looked at there in vain, it dies there too.
    await nack(deadLetters, await claimOne(deadLetters), { error: "there" });
    await deadLetters.operate("redrive", { limit: 10 });
    await delivered(deadLetters);
    expect(await errorsOf(queue, id)).toEqual([...died, [1, "there"]]);
  },
);

test("the attempts of a task are in the row that its failure writes anyway", async () => {
  const queue = new ObjectQueue();
  await enqueue(queue, task(1, { priority: 1 }));
  for (const what of ["first", "second"]) {
    const held = await claimOne(queue);
    expect(await queue.rowsWritten(() => nack(queue, held, { delayMs: 0, error: what }))).toBe(2);
  }
});
