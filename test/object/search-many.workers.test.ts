// Searching a large queue: one call reads a bounded number of rows and bytes, and payloads only where nothing else decides.

import { expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import type { OutcomeOf } from "../../src/core/operation.ts";
import { configure, enqueue, expectKind, payloads, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { reading } from "../workers/reading.ts";

stoppedClock();

const KIB = 1_024;
const MIB = 1_048_576;

type Found = Extract<OutcomeOf<"search">, { kind: "found" }>;
type Reading = Awaited<ReturnType<typeof reading<Found>>>;

async function search(queue: ObjectQueue, query: string, after: Found["after"] = 0): Promise<Found> {
  const { terms } = OPERATIONS.search.parse({ query });
  return expectKind(await queue.operate("search", { terms, limit: 10, after: after ?? 0 }), "found");
}

async function fill(queue: ObjectQueue, count: number, payload: unknown, options: object = {}): Promise<void> {
  for (let first = 0; first < count; first += 1_000) {
    await enqueue(queue, ...Array.from({ length: Math.min(1_000, count - first) }, () => task(payload, options)));
  }
}

async function opened(): Promise<ObjectQueue> {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  return queue;
}

test("what a head decides reads no payload; a call looks at ten thousand tasks and goes on from there", async () => {
  const queue = await opened();
  await fill(queue, 25_000, "x".repeat(KIB), { priority: 1 });
  await enqueue(queue, task("here", { priority: 1, headers: { trace: "abc" } }));
  const lookedAt: number[] = [];
  let after: Found["after"] = 0;
  const shown: unknown[] = [];
  while (after !== null) {
    const from: Found["after"] = after;
    const { result, rows, bytes }: Reading = await reading<Found>(queue, () => search(queue, "header.trace:abc", from));
    expect(rows).toBeLessThan(3 * 10_000 + 100);
    expect(bytes).toBeLessThan(10_256 * 64);
    lookedAt.push(result.lookedAt);
    shown.push(...payloads(result.tasks));
    ({ after } = result);
  }
  expect([lookedAt, shown]).toEqual([[10_000, 10_000, 5_001], ["here"]]);
});

test("a state and a lane that are named lead past everything else", async () => {
  const queue = await opened();
  await fill(queue, 20_000, "x");
  await enqueue(queue, task("later", { delayMs: 60_000, lane: "side" }), task("side", { lane: "side" }));
  for (const [query, expected] of [
    ["state:delayed later", "later"],
    ["lane:side -later", "side"],
  ] as const) {
    const { result, rows } = await reading(queue, () => search(queue, query));
    expect([payloads(result.tasks), result.after]).toEqual([[expected], null]);
    expect(rows).toBeLessThan(60);
  }
});

test("payloads of 1 MiB are read until four have been, and the search goes on after them", async () => {
  const queue = await opened();
  const large = { payload: "x".repeat(MIB - 1), contentType: "text/x" };
  for (let index = 0; index < 10; index += 1) await enqueue(queue, large);
  await enqueue(queue, task("needle"));
  const lookedAt: number[] = [];
  let after: Found["after"] = 0;
  const shown: unknown[] = [];
  while (after !== null) {
    const from: Found["after"] = after;
    const { result, bytes }: Reading = await reading<Found>(queue, () => search(queue, "needle", from));
    expect(bytes).toBeLessThan(5 * MIB + 4 * KIB);
    lookedAt.push(result.lookedAt);
    shown.push(...payloads(result.tasks));
    ({ after } = result);
  }
  expect([lookedAt, shown]).toEqual([[5, 5, 1], ["needle"]]);
});

test("plain tasks share rows, which are read once for all of theirs", async () => {
  const queue = await opened();
  await fill(queue, 2_000, "x".repeat(32));
  const { result, rows } = await reading(queue, () => search(queue, "no-such-text"));
  expect([result.tasks, result.lookedAt]).toEqual([[], 2_000]);
  expect(rows).toBeLessThan(200);
});
