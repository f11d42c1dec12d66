// What needs no payload reads none, however large it is and in whichever way the task ends.

import { expect, test, vi } from "vitest";
import type { ClaimedTask } from "../../src/core/task.ts";
import { QueueObject } from "../../src/object/queue-object.ts";
import { ack, claim, configure, counts, enqueue, ref, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";
import { reading } from "../workers/reading.ts";

stoppedClock();

const PAYLOAD_BYTES = 1_048_575;
const LARGE = { payload: new Uint8Array(PAYLOAD_BYTES), contentType: "image/png" };
/** Less than a single payload. */
const LITTLE = 65_536;

/** A queue with three large tasks. */
async function withLarge(settings: object = {}): Promise<{ queue: ObjectQueue; ids: string[] }> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null, ...settings });
  await delivered(queue);
  const ids: string[] = [];
  for (let count = 0; count < 3; count += 1) ids.push(...(await enqueue(queue, LARGE)).map(({ id }) => id));
  return { queue, ids };
}

async function bytesOf(queue: ObjectQueue, work: () => Promise<unknown>): Promise<number> {
  return (await reading(queue, work)).bytes;
}

test("cancelling", async () => {
  const { queue, ids } = await withLarge();
  const cancel = (): Promise<unknown[]> =>
    Promise.all(ids.map((id) => queue.operate("cancelTask", { id, force: false })));
  expect(await bytesOf(queue, cancel)).toBeLessThan(LITTLE);
  expect(await counts(queue)).toEqual([0, 0, 0, 0]);
});

test("an enqueue under an id that is taken", async () => {
  const { queue, ids } = await withLarge();
  const again = (): Promise<unknown> => enqueue(queue, ...ids.map((id) => task("again", { id })));
  expect(await bytesOf(queue, again)).toBeLessThan(LITTLE);
  expect(await counts(queue)).toEqual([3, 0, 0, 0]);
});

test("an ack whose claim is lost", async () => {
  const { queue } = await withLarge();
  const held = await claim(queue, { max: 3, claimTimeoutMs: 1_000 });
  queue.advance(1_000);
  const results: unknown[] = [];
  const late = async (): Promise<unknown> => results.push(...(await ack(queue, ...held)));
  expect(await bytesOf(queue, late)).toBeLessThan(LITTLE);
  expect(results).toEqual(held.map(() => "claim-lost"));
});

test("a modify that deletes, or changes headers", async () => {
  const { queue, ids } = await withLarge();
  const [first = "", second = ""] = ids;
  const modify = (): Promise<unknown> =>
    queue.operate("modify", {
      insert: [],
      change: [{ task: { id: first, version: 1 }, change: { headers: { seen: "yes" } } }],
      delete: [{ task: { id: second, version: 1 } }],
      depend: [],
    });
  expect(await bytesOf(queue, modify)).toBeLessThan(LITTLE);
  expect(await counts(queue)).toEqual([2, 0, 0, 0]);
});

const deaths: [string, (queue: ObjectQueue, held: readonly ClaimedTask[]) => Promise<unknown>][] = [
  [
    "by nack",
    (queue, held) =>
      queue.operate("nack", { claims: held.map(({ claim: token }) => ({ claim: ref(token), dead: true })) }),
  ],
  [
    "by expiry",
    async (queue) => {
      queue.advance(1_000);
      await claim(queue);
    },
  ],
];

test.each(deaths)("dying into a dead-letter queue, %s: payloads go from row to row", async (_how, end) => {
  const letters = new ObjectQueue();
  const { queue } = await withLarge({ deadLetterQueue: letters.name, maxAttempts: 1 });
  const held = await claim(queue, { max: 3, claimTimeoutMs: 1_000 });
  // Delivery stands still, so that it reads its first batch, one payload, and no more.
  const receiving = vi.spyOn(QueueObject.prototype, "receive").mockRejectedValue(new Error("the network is down"));
  const bytes = await bytesOf(queue, async () => {
    await end(queue, held);
    await vi.waitUntil(() => receiving.mock.calls.length > 0, { timeout: 20_000, interval: 20 });
  });
  receiving.mockRestore();
  expect(bytes).toBeGreaterThan(PAYLOAD_BYTES);
  expect(bytes).toBeLessThan(PAYLOAD_BYTES + LITTLE);
  queue.advance(300_000);
  await queue.sweep();
  await delivered(queue);
  expect(await counts(letters)).toEqual([3, 0, 0, 0]);
});
