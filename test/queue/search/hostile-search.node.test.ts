// A search costs what its bounds allow, whatever the payloads and the terms are made for.

import { expect, test, vi } from "vitest";
import type { SearchTerm } from "../../../src/core/search.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { enqueue, expectKind, task } from "../../contract/builders.ts";
import { MemoryQueue } from "../../node/memory-queue.ts";

async function search(queue: MemoryQueue, ...terms: readonly SearchTerm[]) {
  return expectKind(await queue.operate("search", { terms, limit: 100, after: 0 }), "found");
}

const valueAt = (part: string, value: string, isExcluded = false): SearchTerm => ({
  field: "payload",
  part,
  value,
  isExcluded,
});

const path = (names: number): string => Array.from({ length: names }, () => "0").join(".");

test("a path that leads to a value by more ways than there are atoms finds it at once", async () => {
  const queue = new MemoryQueue();
  // At each array the next name may be an item's place, or a member of that item.
  let payload: unknown = "x";
  for (let depth = 0; depth < 48; depth += 1) payload = [{ 0: payload }];
  await enqueue(queue, task(payload));
  expect((await search(queue, valueAt(path(72), "x"))).tasks).toHaveLength(1);
  expect((await search(queue, valueAt(path(72), "y"))).tasks).toEqual([]);
  expect((await search(queue, valueAt(path(97), "x"))).tasks).toEqual([]);
});

test("a payload is parsed once, however many terms look into it", async () => {
  const queue = new MemoryQueue();
  await enqueue(queue, task({ a: [1, 2, 3] }), task({ a: 4 }));
  const terms = Array.from({ length: 30 }, (_, n) => valueAt("a", `x${n}`, true));
  const parse = vi.spyOn(JSON, "parse");
  try {
    expect((await search(queue, ...terms)).tasks).toHaveLength(2);
    expect(parse.mock.calls.filter(([text]) => text.startsWith('{"a":')).length).toBe(2);
  } finally {
    parse.mockRestore();
  }
});

test("headers are parsed once, however many terms look at them", async () => {
  const queue = new MemoryQueue();
  await enqueue(queue, task(1, { headers: { a: "x" } }), task(2, { headers: { a: "y" } }));
  const terms = Array.from({ length: 30 }, (_, n) => ({ ...valueAt("a", `x${n}`, true), field: "header" as const }));
  const parse = vi.spyOn(JSON, "parse");
  try {
    expect(expectKind(await queue.operate("search", { terms, limit: 1, after: 0 }), "found").tasks).toHaveLength(1);
    expect(parse.mock.calls.filter(([text]) => text === '{"a":"x"}').length).toBeLessThanOrEqual(2);
  } finally {
    parse.mockRestore();
  }
});

test("a payload counts among the bytes that one search reads once for each term that looks into it", async () => {
  const queue = new MemoryQueue();
  const many = 300;
  const bytes = 30_000;
  await enqueue(queue, ...Array.from({ length: many }, () => task({ a: "x".repeat(bytes) })));
  const terms = Array.from({ length: 16 }, (_, n) => valueAt("a", `y${n}`, true));
  const pages: number[] = [];
  for (let after: unknown = 0; after !== null;) {
    const page = expectKind(await queue.operate("search", { terms, limit: 1_000, after: after as number }), "found");
    ({ after } = page);
    pages.push(page.lookedAt);
  }
  expect(pages.reduce((sum, looked) => sum + looked, 0)).toBe(many);
  // What a page holds, and the last payloads that were read at once.
  expect(Math.max(...pages) * bytes * terms.length).toBeLessThanOrEqual(LIMITS.searchBytes + 16 * 262_144);
});

test("headers count among the bytes that one search reads", async () => {
  const queue = new MemoryQueue();
  const headers = Object.fromEntries(Array.from({ length: 32 }, (_, n) => [`h${n}`, "a".repeat(1_000)]));
  const many = 600;
  await enqueue(queue, ...Array.from({ length: many }, (_, n) => task(n, { headers })));
  let [after, looked, pages, most]: [unknown, number, number, number] = [0, 0, 0, 0];
  while (after !== null) {
    const terms = [{ field: "id", part: "", value: "none", isExcluded: false }] as const;
    const page = expectKind(await queue.operate("search", { terms, limit: 100, after: after as number }), "found");
    [after, looked, pages, most] = [page.after, looked + page.lookedAt, pages + 1, Math.max(most, page.lookedAt)];
  }
  expect(looked).toBe(many);
  expect(pages).toBeGreaterThan(1);
  // What a page holds, and the last heads that were read at once.
  expect(most).toBeLessThanOrEqual(LIMITS.searchBytes / 32_000 + 256);
});
