// The rows that docs/keys.md promises of each setting: measured in a real object, and found in the page's own table.

import { expect, test } from "vitest";
import page from "../../docs/keys.md?raw";
import type { ClaimedTask } from "../../src/core/task.ts";
import { ack, claimOne, configure, enqueue, nack, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { delivered, ObjectQueue } from "../workers/object-queue.ts";

stoppedClock();

const RATE = { limit: 100, periodMs: 1_000, burst: 100 };

/** A queue that has been written to and registered, so that only the act itself writes. */
async function settled(settings: object = {}): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null, ...settings });
  await enqueue(queue, task("first", { key: "other" }));
  await ack(queue, await claimOne(queue));
  await delivered(queue);
  return queue;
}

async function held(queue: ObjectQueue): Promise<ClaimedTask> {
  await enqueue(queue, task(1, { key: "a" }));
  return claimOne(queue, { claimTimeoutMs: 3_600_000 });
}

/** Each line of the table, and what it takes. */
const MEASURED: readonly (readonly [line: string, measure: () => Promise<number>])[] = [
  [
    "a task with a key, one of its own a request: enqueue",
    async () => {
      const queue = await settled();
      return queue.rowsWritten(() => enqueue(queue, task(1, { key: "a" })));
    },
  ],
  [
    "its claim, whatever limits its key",
    async () => {
      const queue = await settled({ keys: { concurrency: 1, rate: RATE }, rate: RATE });
      await enqueue(queue, task(1, { key: "a" }));
      return queue.rowsWritten(() => claimOne(queue, { claimTimeoutMs: 1_000 }));
    },
  ],
  [
    "its ack",
    async () => {
      const queue = await settled({ keys: { concurrency: 1 } });
      const one = await held(queue);
      return queue.rowsWritten(() => ack(queue, one));
    },
  ],
  [
    "a claim that finds only limited keys",
    async () => {
      const queue = await settled({ keys: { concurrency: 1 } });
      await held(queue);
      await enqueue(queue, task(2, { key: "a" }));
      return queue.rowsWritten(() => queue.operate("claim", { max: 1, lanes: { inOrder: ["main"] } }));
    },
  ],
  [
    "a failure, without an order",
    async () => {
      const queue = await settled();
      const one = await held(queue);
      return queue.rowsWritten(() => nack(queue, one, { delayMs: 1_000 }));
    },
  ],
  [
    "a failure, with an order: it keeps its place",
    async () => {
      const queue = await settled({ keys: { order: "fifo" } });
      const one = await held(queue);
      return queue.rowsWritten(() => nack(queue, one, { delayMs: 1_000 }));
    },
  ],
  [
    "a failure that lets its key rest (`limitKey`)",
    async () => {
      const queue = await settled();
      const one = await held(queue);
      return queue.rowsWritten(() => nack(queue, one, { delayMs: 1_000, limitKey: true }));
    },
  ],
  [
    "a death, with `strict`",
    async () => {
      const queue = await settled({ keys: { order: "strict" } });
      const one = await held(queue);
      return queue.rowsWritten(() => nack(queue, one, { dead: true }));
    },
  ],
  [
    "an override",
    async () => {
      const queue = await settled();
      return queue.rowsWritten(() => queue.operate("setKey", { key: "a", patch: { weight: 5 } }));
    },
  ],
];

test.each(MEASURED)("%s costs what the page says", async (line, measure) => {
  const row = page.split("\n").find((text) => text.startsWith(`| ${line} `));
  const said = row?.split("|").at(-2)?.trim();
  expect(`${await measure()} rows: ${line}`).toBe(`${said} rows: ${line}`);
});
