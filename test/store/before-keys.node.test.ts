// A database that was written before tasks had keys, with tasks, claims and a run in it, goes on as it was, and takes keys.

import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  payloads,
  ref,
  task,
} from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const STORED = readFileSync(new URL("databases/before-keys.sql", import.meta.url), "utf8");

async function opened(): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  for (const statement of STORED.split(";\n")) if (statement.trim() !== "") queue.sql.run(statement);
  await queue.restart();
  return queue;
}

const tokenOf = (slot: number, task36: string): string =>
  `00000-${slot}-${slot.toString().padStart(16, "0")}-02ldfd30u8${task36}`;

test("every task is in the state in which it was", async () => {
  const queue = await opened();
  expect(await counts(queue)).toEqual([1, 1, 5, 1]);
  const states = (await browseAll(queue)).map(({ payload, state, attempts }) => [
    JSON.parse(String(payload)),
    state,
    attempts,
  ]);
  expect(states.toSorted()).toEqual([
    ["dies", "dead", 1],
    ["fails", "ready", 1],
    ["high", "claimed", 1],
    ["later", "delayed", 0],
    ["run-0", "claimed", 1],
    ["run-2", "claimed", 1],
    ["run-3", "claimed", 1],
    ["run-4", "claimed", 1],
  ]);
});

test("claims that were held are held, of runs too, and those that are over stay over", async () => {
  const queue = await opened();
  const acked = async (slot: number, task36: string): Promise<unknown> =>
    queue.operate("ack", { claims: [ref(tokenOf(slot, task36))] });
  expect(await acked(1, "0")).toMatchObject({ results: [{ ok: true }] });
  expect(await acked(1, "1")).toMatchObject({ results: [{ ok: false }] });
  expect(await acked(2, "6")).toMatchObject({ results: [{ ok: true }] });
  expect(await acked(3, "4")).toMatchObject({ results: [{ ok: true }] });
  expect(await acked(3, "8")).toMatchObject({ results: [{ ok: false }] });
  queue.advance(600_000);
  expect(payloads(await claim(queue, { max: 10 })).toSorted()).toEqual(["fails", "later", "run-2", "run-3"]);
});

test("keys hold from then on, beside what was there", async () => {
  const queue = await opened();
  await configure(queue, { keys: { order: "fifo" } });
  await enqueue(queue, task("a0", { key: "a" }), task("a1", { key: "a", cost: 2 }));
  const both = await claim(queue, { max: 2, claimTimeoutMs: 60_000 });
  expect(payloads(both).toSorted()).toEqual(["a0", "fails"]);
  await queue.restart();
  expect(await claim(queue, { max: 10 })).toEqual([]);
  await ack(queue, ...both);
  expect(payloads([await claimOne(queue)])).toEqual(["a1"]);
});
