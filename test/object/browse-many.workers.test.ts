// Browsing a large queue: a page reads a bounded number of rows, and payloads of the tasks that it shows alone, whatever lies
// before them.

import { describe, expect, test } from "vitest";
import type { BrowseInput, OutcomeOf } from "../../src/core/operation.ts";
import type { BrowsedTask } from "../../src/core/task.ts";
import { claim, configure, enqueue, expectKind, nack, payloads, ref, task } from "../contract/builders.ts";
import { stoppedClock } from "../workers/clock.ts";
import { ObjectQueue } from "../workers/object-queue.ts";
import { reading } from "../workers/reading.ts";

stoppedClock();

const KIB = 1_024;
const MIB = 1_048_576;
const DAY_MS = 86_400_000;

type Page = Extract<OutcomeOf<"browse">, { kind: "page" }>;

async function page(queue: ObjectQueue, input: Partial<BrowseInput>): Promise<Page> {
  return expectKind(await queue.operate("browse", { limit: 10, after: 0, ...input }), "page");
}

/** Every task of every page, and how many pages there were. */
async function allPages(
  queue: ObjectQueue,
  input: Partial<BrowseInput>,
): Promise<{ tasks: BrowsedTask[]; pages: number }> {
  const tasks: BrowsedTask[] = [];
  let pages = 0;
  for (let after: Page["after"] = 0; after !== null; pages += 1) {
    const found = await page(queue, { ...input, after });
    tasks.push(...found.tasks);
    ({ after } = found);
  }
  return { tasks, pages };
}

const idsOf = (tasks: readonly BrowsedTask[]): string[] => tasks.map(({ id }) => id);

async function fill(queue: ObjectQueue, count: number, payload: string, options: object = {}): Promise<void> {
  for (let first = 0; first < count; first += 1_000) {
    await enqueue(queue, ...Array.from({ length: Math.min(1_000, count - first) }, () => task(payload, options)));
  }
}

async function die(queue: ObjectQueue, ...names: readonly string[]): Promise<void> {
  for (const name of names) {
    await enqueue(queue, task(name, { lane: "dying" }));
    const [held] = await claim(queue, { lanes: { inOrder: ["dying"] } });
    if (held !== undefined) await nack(queue, held, { dead: true });
  }
}

describe("one state behind a hundred thousand tasks of another", () => {
  test("three dead, three delayed and three claimed are each found in one page, without reading the ready", async () => {
    const queue = new ObjectQueue();
    await configure(queue, { retentionMs: null });
    await fill(queue, 90_000, "x".repeat(KIB));
    await fill(queue, 10_000, "x".repeat(KIB), { priority: 1 });
    await die(queue, "a", "b", "c");
    await enqueue(queue, ...["d", "e", "f"].map((name) => task(name, { delayMs: DAY_MS })));
    await claim(queue, { max: 3 });
    for (const [state, shown] of [
      ["dead", ["a", "b", "c"]],
      ["delayed", ["d", "e", "f"]],
      ["claimed", ["x".repeat(KIB), "x".repeat(KIB), "x".repeat(KIB)]],
    ] as const) {
      const { result, rows, bytes } = await reading(queue, () => page(queue, { state }));
      expect({ state, shown: payloads(result.tasks), after: result.after }).toEqual({ state, shown, after: null });
      expect(rows).toBeLessThan(40);
      expect(bytes).toBeLessThan(8 * KIB);
    }
  });

  test("ten ready ones are found behind ten thousand dead, claimed, delayed and remembered ones", async () => {
    const queue = new ObjectQueue();
    await configure(queue, { retentionMs: null, dedupeMs: DAY_MS });
    for (let first = 0; first < 10_000; first += 1_000) {
      await enqueue(queue, ...Array.from({ length: 1_000 }, (_, index) => task(index, { id: `id-${first + index}` })));
      const held = await claim(queue, { max: 1_000, claimTimeoutMs: DAY_MS / 2 });
      const refs = held.map((one) => ref(one.claim));
      await queue.operate("nack", { claims: refs.slice(0, 300).map((each) => ({ claim: each, dead: true })) });
      await queue.operate("ack", { claims: refs.slice(300, 600) });
    }
    await fill(queue, 10_000, "later", { delayMs: DAY_MS });
    await fill(queue, 10, "now");
    const { result, rows } = await reading(queue, () => page(queue, { state: "ready" }));
    expect(payloads(result.tasks)).toEqual(Array.from({ length: 10 }, () => "now"));
    expect(rows).toBeLessThan(60);
  });
});

test("a lane is found behind those of another, with its dead", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await fill(queue, 20_000, "other", { lane: "other" });
  await enqueue(queue, task("in it", { lane: "vip" }), task("of a key", { lane: "vip", key: "k" }));
  await enqueue(queue, task("later", { lane: "vip", delayMs: DAY_MS }), task("elsewhere", { lane: "vip2" }));
  const { result, rows } = await reading(queue, () => page(queue, { lane: "vip" }));
  expect(payloads(result.tasks)).toEqual(["in it", "later", "of a key"]);
  expect(rows).toBeLessThan(60);
});

test("where no index leads, a page looks at ten thousand tasks, is short, and says where to go on", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await fill(queue, 25_000, "x", { lane: "one", priority: 1 });
  await die(queue, "dead");
  const first = await reading(queue, () => page(queue, { state: "dead", lane: "one" }));
  expect(first.result).toEqual({ kind: "page", tasks: [], after: null });
  const held = await claim(queue, { max: 1_000, lanes: { inOrder: ["one"] }, claimTimeoutMs: DAY_MS });
  await queue.operate("nack", { claims: held.map((one) => ({ claim: ref(one.claim), dead: true })) });
  for (let batch = 0; batch < 11; batch += 1) {
    const more = await claim(queue, { max: 1_000, lanes: { inOrder: ["one"] }, claimTimeoutMs: DAY_MS });
    await queue.operate("nack", { claims: more.map((one) => ({ claim: ref(one.claim), dead: true })) });
  }
  const scan = await reading(queue, () => allPages(queue, { state: "dead", lane: "dying", limit: 10 }));
  expect(payloads(scan.result.tasks)).toEqual(["dead"]);
  expect(scan.result.pages).toBe(2);
  expect(scan.bytes).toBeLessThan(12_001 * 64);
});

describe("payloads of 1 MiB", () => {
  test("are not read of tasks that are filtered out", async () => {
    const queue = new ObjectQueue();
    await configure(queue, { retentionMs: null });
    const large = { payload: new Uint8Array(MIB - 1), contentType: "image/png" };
    for (let index = 0; index < 40; index += 1) await enqueue(queue, large);
    await enqueue(queue, task("small", { lane: "side" }));
    for (const input of [
      { state: "delayed" },
      { state: "dead" },
      { lane: "side" },
      { state: "ready", lane: "side" },
    ] as const) {
      expect((await reading(queue, () => page(queue, { ...input, limit: 100 }))).bytes).toBeLessThan(4 * KIB);
    }
  });

  test("make short pages, each of which reads what it shows", async () => {
    const queue = new ObjectQueue();
    const large = { payload: new Uint8Array(MIB - 1), contentType: "image/png" };
    for (let index = 0; index < 12; index += 1) await enqueue(queue, large);
    const { result, bytes } = await reading(queue, () => page(queue, { limit: 100 }));
    expect(result.tasks).toHaveLength(8);
    expect(bytes).toBeLessThan(8 * MIB + 4 * KIB);
    expect((await allPages(queue, { limit: 100 })).tasks).toHaveLength(12);
  });
});

test("every cursor leads on: pages of one show the same as one page, in each state and lane, also after a wake", async () => {
  const queue = new ObjectQueue();
  await configure(queue, { retentionMs: null });
  await die(queue, "dead 1", "dead 2");
  await enqueue(queue, ...Array.from({ length: 6 }, (_, index) => task(`plain ${index}`)));
  await claim(queue, { max: 2 });
  for (const lane of ["main", "side"]) {
    for (const key of [undefined, "käse 1", "k2"]) {
      for (const delayMs of [0, 1_000]) {
        for (const priority of [-1, 2]) {
          const options = { lane, delayMs, priority, ...(key === undefined ? {} : { key }) };
          await enqueue(queue, task("one", options), task("two", options));
        }
      }
    }
  }
  await claim(queue, { max: 3, lanes: { inOrder: ["side"] }, claimTimeoutMs: 500 });
  for (const passed of [0, 600, 0]) {
    queue.advance(passed);
    for (const state of [undefined, "ready", "delayed", "claimed", "dead"] as const) {
      for (const lane of [undefined, "main", "side", "dying"]) {
        const filter = { ...(state === undefined ? {} : { state }), ...(lane === undefined ? {} : { lane }) };
        const whole = idsOf((await page(queue, { ...filter, limit: 1_000 })).tasks);
        const expected = (await page(queue, { limit: 1_000 })).tasks.filter(
          (each) => (state === undefined || each.state === state) && (lane === undefined || each.lane === lane),
        );
        expect({ filter, ids: whole.toSorted() }).toEqual({ filter, ids: idsOf(expected).toSorted() });
        expect(idsOf((await allPages(queue, { ...filter, limit: 1 })).tasks)).toEqual(whole);
      }
    }
    await queue.restart();
  }
});
