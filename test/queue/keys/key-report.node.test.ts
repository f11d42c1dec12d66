// What a queue says of its keys: read from its database by a second instance, as after a wake, and from bounded numbers of rows.

import { expect, it, vi } from "vitest";
import { heldBackAt } from "../../../src/queue/keys/held-back.ts";
import { DividedCalls } from "../../../src/queue/divided-calls.ts";
import { keyReport, listKeys, setOverride, unblock } from "../../../src/queue/keys/key-report.ts";
import { History } from "../../../src/queue/history/history.ts";
import type { ClaimedTask } from "../../../src/core/task.ts";
import { QueueState } from "../../../src/queue/state.ts";
import { ack, claim, claimOne, configure, enqueue, nack, payloads, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

const keyed = (payload: unknown, key: string, options = {}) => task(payload, { key, ...options });

function woken(queue: MemoryQueue): QueueState {
  const state = new QueueState(
    queue.sql,
    { random: () => 0, nonce: () => "f".repeat(16) },
    new History(queue.sql, 0, {}),
    new DividedCalls(),
    () => [],
  );
  state.wake(queue.now());
  return state;
}

const reportOf = (queue: MemoryQueue, key: string) => keyReport(woken(queue), key, queue.now());
const namesOf = (queue: MemoryQueue, input: Partial<Parameters<typeof listKeys>[1]> = {}) =>
  listKeys(woken(queue), { after: "", limit: 100, ...input }, queue.now()).keys.map(({ key }) => key);

it("counts ready, delayed and claimed tasks of a key over its lanes and priorities", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { concurrency: 1 } });
  await enqueue(queue, keyed(1, "a"), keyed(2, "a", { lane: "x", priority: 3 }), keyed(3, "a", { delayMs: 1_000 }));
  await enqueue(queue, keyed(4, "b"));
  expect(reportOf(queue, "a")).toMatchObject({ ready: 2, delayed: 1, claimed: 0, limited: null, hasMore: false });
  await claimOne(queue, { claimTimeoutMs: 5_000 });
  expect(reportOf(queue, "a")).toMatchObject({ ready: 1, delayed: 1, claimed: 1, limited: { by: "concurrency" } });
  queue.advance(4_999);
  expect(reportOf(queue, "a")).toMatchObject({ ready: 2, claimed: 1, limited: { by: "concurrency" } });
  queue.advance(1);
  expect(reportOf(queue, "a")).toMatchObject({ ready: 3, delayed: 0, claimed: 0, limited: null });
  expect(reportOf(queue, "nobody's")).toMatchObject({ ready: 0, delayed: 0, claimed: 0, limited: null });
});

it("counts no further than a bound", async () => {
  const queue = new MemoryQueue();
  for (let n = 0; n < 3; n += 1) await enqueue(queue, ...Array.from({ length: 500 }, () => keyed(n, "a")));
  expect(reportOf(queue, "a")).toMatchObject({ ready: 1_000, hasMore: true });
});

it("says until when an ordered key waits for its retry, and of which tasks that holds", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { order: "fifo" } });
  await enqueue(queue, keyed(1, "a"), keyed(2, "a"));
  await nack(queue, await claimOne(queue), { delayMs: 1_000 });
  const until = queue.now() + 1_000;
  expect(reportOf(queue, "a")).toMatchObject({ ready: 1, delayed: 1, limited: { by: "order", until } });
  const place = { lane: "main\u001Fa", priority: 0, cost: null };
  expect(heldBackAt(woken(queue), queue.now())(place)).toEqual({ by: "order", of: "key", until });
  queue.advance(1_000);
  expect(reportOf(queue, "a")).toMatchObject({ ready: 2, delayed: 0, limited: null });
  expect(heldBackAt(woken(queue), queue.now())(place)).toBeNull();
});

it("says what is left of a rate, and until when a key rests that was asked to", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { rate: { limit: 10, periodMs: 1_000, burst: 3 } } });
  await enqueue(queue, ...Array.from({ length: 5 }, (_, n) => keyed(n, "a")));
  expect(reportOf(queue, "a")).toMatchObject({ credit: 3, limited: null });
  const held = await claim(queue, { max: 10, claimTimeoutMs: 60_000 });
  expect(held).toHaveLength(3);
  expect(reportOf(queue, "a")).toMatchObject({ credit: 0, limited: { by: "rate", until: queue.now() + 100 } });
  queue.advance(100);
  expect(reportOf(queue, "a")).toMatchObject({ credit: 1, limited: null });
  await nack(queue, held[0] as ClaimedTask, { limitKey: true, delayMs: 500 });
  expect(reportOf(queue, "a")).toMatchObject({ limited: { by: "limitKey", until: queue.now() + 500 } });
});

it("lists keys page by page over lanes, and by what limits them", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { concurrency: 1 } });
  await enqueue(
    queue,
    keyed(1, "b"),
    keyed(1, "ä", { lane: "x" }),
    keyed(1, "a"),
    keyed(1, "a", { lane: "x" }),
    task(1),
  );
  await enqueue(queue, keyed(1, "z", { lane: "y" }), keyed(1, "😀"), keyed(1, "￭"));
  const state = woken(queue);
  setOverride(state, "m", { paused: true }, queue.now());
  const all = ["a", "b", "m", "z", "ä", "￭", "😀"];
  expect(namesOf(queue)).toEqual(all);
  const pages: string[] = [];
  for (let after: string | null = ""; after !== null;) {
    const page = listKeys(state, { after, limit: 2 }, queue.now());
    pages.push(...page.keys.map(({ key }) => key));
    ({ after } = page);
  }
  expect(pages).toEqual(all);
  await claim(queue, { lanes: { inOrder: ["y"] } });
  expect(namesOf(queue, { limited: "concurrency" })).toEqual(["z"]);
  expect(namesOf(queue, { limited: "any" })).toEqual(["m", "z"]);
  setOverride(state, "m", null, queue.now());
  expect(namesOf(queue)).not.toContain("m");
});

it("looks at a bounded number of keys a page, and says where to go on", async () => {
  const queue = new MemoryQueue();
  for (let from = 0; from < 2_500; from += 500) {
    await enqueue(queue, ...Array.from({ length: 500 }, (_, n) => keyed(n, `k${10_000 + from + n}`)));
  }
  const state = woken(queue);
  const all = vi.spyOn(queue.sql, "all");
  const page = listKeys(state, { after: "", limit: 100, limited: "paused" }, queue.now());
  expect(page).toEqual({ keys: [], after: "k10999" });
  expect(all.mock.calls.length).toBeLessThan(10);
});

it("takes what blocks a strict key away", async () => {
  const queue = new MemoryQueue();
  await configure(queue, { keys: { order: "strict" } });
  const dead = await enqueue(queue, keyed(1, "a"), keyed(2, "a"));
  await nack(queue, await claimOne(queue), { dead: true });
  const state = woken(queue);
  expect(keyReport(state, "a", queue.now())).toMatchObject({ limited: { by: "blocked" }, blockedBy: [dead[0]?.id] });
  expect(unblock(state, "a", queue.now())).toEqual([dead[0]?.id]);
  await queue.restart();
  const next = await claimOne(queue);
  expect(payloads([next])).toEqual([2]);
  await ack(queue, next);
});
