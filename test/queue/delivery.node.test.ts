// What leaves a queue: under numbers that are never given twice, and watched over until it is known to have arrived (P9, P13).

import { expect, test } from "vitest";
import type { Message, ReceiveOutcome } from "../../src/queue/queue.ts";
import { claimOne, configure, enqueue, nack, stats, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

/** A queue that nothing but its messages needs an alarm for. */
async function openSender(deliver: (messages: readonly Message[]) => Promise<ReceiveOutcome>): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  queue.deliver = (name, messages) =>
    name === "dead" ? deliver(messages) : Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
  await configure(queue, { deadLetterQueue: "dead", retentionMs: null });
  return queue;
}

async function sendOne(queue: MemoryQueue): Promise<void> {
  await enqueue(queue, task("dies"));
  await nack(queue, await claimOne(queue), { dead: true });
}

test("messages of one life after another have rising numbers, though the clock stands still", async () => {
  const numbers: number[] = [];
  const queue = await openSender((messages) => {
    numbers.push(...messages.map(({ seq }) => seq));
    return Promise.resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
  });
  for (let life = 1; life <= 5; life += 1) {
    await sendOne(queue);
    await expect.poll(async () => (await stats(queue)).outbox).toBe(0);
    await queue.restart();
  }
  expect(numbers).toEqual([...new Set(numbers)].toSorted((one, other) => one - other));
  expect(numbers).toHaveLength(5);
});

test("while a message is under way the alarm is set again each time that it rings, ever later, up to five minutes", async () => {
  // The object may end at any moment, and then nothing else would send it again.
  const queue = await openSender(() => new Promise(() => {}));
  await sendOne(queue);
  const waits: number[] = [];
  for (let ring = 0; ring < 12; ring += 1) {
    expect(queue.alarmAt).not.toBeNull();
    waits.push((queue.alarmAt ?? 0) - queue.now());
    queue.advance((queue.alarmAt ?? 0) - queue.now());
    await queue.sweep();
  }
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(waits.slice(-2)).toEqual([300_000, 300_000]);
});
