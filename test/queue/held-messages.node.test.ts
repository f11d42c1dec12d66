// Messages between queues are held within their parts of the ledger, however many receivers and senders there are at one time.

import { expect, test, vi } from "vitest";
import { OBJECT_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import type { Message, ReceiveOutcome } from "../../src/queue/queue.ts";
import { counts, task } from "../contract/builders.ts";
import { modify } from "../contract/modify-builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const LARGE = "x".repeat(LIMITS.payloadBytes - 2);

/** Lets all that has begun go on until it waits for somebody else. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

test("of messages of a megabyte to forty queues no more are read than may be held, and all arrive", async () => {
  const queue = new MemoryQueue();
  const answers: (() => void)[] = [];
  const arrived: string[] = [];
  let most = 0;
  queue.deliver = (receiver, messages) => {
    most = Math.max(most, queue.queue.held.sent.bytes);
    return new Promise<ReceiveOutcome>((resolve) => {
      answers.push(() => {
        arrived.push(receiver);
        resolve({ kind: "received", upTo: messages.at(-1)?.seq ?? 0 });
      });
    });
  };
  const names = Array.from({ length: 40 }, (_, n) => `receiver-${n}`);
  for (const name of names) await modify(queue, { insert: [{ task: task(LARGE), queue: name }] });
  await settled();
  expect(queue.queue.held.sent.bytes).toBeGreaterThan(OBJECT_PARTS.sent / 2);
  for (let answer = answers.shift(); answer !== undefined; answer = answers.shift()) {
    answer();
    await settled();
  }
  expect(arrived.filter((name) => name !== "@directory").toSorted()).toEqual(names.toSorted());
  expect(most).toBeLessThanOrEqual(OBJECT_PARTS.sent);
  expect(queue.queue.held.sent.bytes).toBe(0);
});

function messageOf(seq: number): Message {
  return { seq, kind: "insert", body: "{}", payload: LARGE };
}

test("of what other queues send at one time, what is beyond the bound is sent back, and taken when it comes again", async () => {
  const queue = new MemoryQueue();
  const send = (sender: number): Promise<ReceiveOutcome> => queue.queue.receive(`sender-${sender}`, [messageOf(1)]);
  const all = Array.from({ length: 40 }, (_, sender) => send(sender));
  expect(queue.queue.held.received.bytes).toBeLessThanOrEqual(OBJECT_PARTS.received);
  const outcomes = await Promise.allSettled(all);
  const refused = outcomes.flatMap(({ status }, sender) => (status === "rejected" ? [sender] : []));
  expect(refused).toHaveLength(40 - Math.floor(OBJECT_PARTS.received / LIMITS.payloadBytes));
  expect(queue.queue.held.received.bytes).toBe(0);
  // What a queue asks of itself is another part: nobody is kept out by messages.
  for (const sender of refused) expect(await send(sender)).toEqual({ kind: "received", upTo: 1 });
  expect(await counts(queue)).toEqual([40, 0, 0, 0]);
});

test("a turn that fails gives back what was held for the messages in it", async () => {
  const queue = new MemoryQueue();
  const logged = vi.spyOn(console, "error").mockImplementation(() => {});
  const away = vi.spyOn(queue.sql, "run").mockImplementation(() => {
    throw new Error("disk I/O error");
  });
  await expect(queue.queue.receive("sender", [messageOf(1)])).rejects.toThrow("disk");
  away.mockRestore();
  logged.mockRestore();
  expect(queue.queue.held.received.bytes).toBe(0);
});
