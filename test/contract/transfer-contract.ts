// An export is the queue at one instant, however it changes while pages are read; an import makes another queue exactly that,
// in a life of its own.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import type { BrowseInput } from "../../src/core/operation.ts";
import type { BrowsedTask, ClaimedTask } from "../../src/core/task.ts";
import type { TransferRecord } from "../../src/core/transfer.ts";
import {
  ack,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  get,
  nack,
  ref,
  stats,
  task,
} from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";
import { exported, imported } from "./transfer-builders.ts";

async function browsed(queue: QueueDriver): Promise<BrowsedTask[]> {
  const tasks: BrowsedTask[] = [];
  for (let after: BrowseInput["after"] | null = 0; after !== null;) {
    const page: { tasks: BrowsedTask[]; after: BrowseInput["after"] | null } = expectKind(
      await queue.operate("browse", { limit: 1_000, after }),
      "page",
    );
    tasks.push(...page.tasks);
    ({ after } = page);
  }
  return tasks.sort((one, other) => (one.id < other.id ? -1 : 1));
}

/** A task of every kind, documents, a remembered id, settings, and a producer that has called. */
async function fill(queue: QueueDriver): Promise<{ readonly held: ClaimedTask[] }> {
  await configure(queue, { maxAttempts: 3, dedupeMs: 3_600_000, keys: { order: "fifo" } });
  await enqueue(queue, task("fails"), task("dies"), task("done", { id: "order-7" }));
  const failed = await claim(queue, { max: 3 });
  await nack(queue, failed[0] as ClaimedTask, { error: "no answer", delayMs: 60_000 });
  await nack(queue, failed[1] as ClaimedTask, { error: "never", dead: true });
  await ack(queue, failed[2] as ClaimedTask);
  await enqueue(queue, ...Array.from({ length: 250 }, (_, index) => task({ plain: index })));
  const held = await claim(queue, { max: 5, claimTimeoutMs: 600_000 });
  await ack(queue, held[1] as ClaimedTask);
  await enqueue(
    queue,
    task("later", { delayMs: 3_600_000, headers: { trace: "1" }, id: "own" }),
    task("first", { lane: "fast", priority: -5 }),
    { payload: new Uint8Array([0, 255, 128]), contentType: "application/octet-stream" },
    task("keyed", { key: "tenant:7", cost: 3 }),
    task("behind", { key: "tenant:7" }),
  );
  await queue.operate("putDocument", { key: "progress", value: "17" });
  await queue.operate("enqueue", { tasks: [task("called")], call: { producer: "00000000000000a1", number: 4 } });
  return { held: held.filter((_, index) => index !== 1) };
}

export function transferContract(open: OpenQueue): void {
  describe("an imported queue", () => {
    test("has every task as it was, with its id, and the same settings, documents, remembered ids and calls", async () => {
      const [from, to] = [await open(), await open()];
      await fill(from);
      const before = await browsed(from);
      expect(before).toHaveLength(257);
      expect(await imported(to, await exported(from))).toMatchObject({ kind: "imported", isWhole: true });
      for (const restart of [false, true]) {
        if (restart) await to.restart();
        expect(await browsed(to)).toEqual(before);
        expect(await counts(to)).toEqual(await counts(from));
      }
      const [{ queue: was }, { queue: is }] = [
        expectKind(await from.operate("getQueue", null), "queue"),
        expectKind(await to.operate("getQueue", null), "queue"),
      ];
      expect(is.settings).toEqual(was.settings);
      expect(is.createdAt).toBe(was.createdAt);
      expect(is.stats.lanes).toEqual(was.stats.lanes);
      expect(await to.operate("getDocument", { key: "progress" })).toEqual(
        await from.operate("getDocument", { key: "progress" }),
      );
      expect(await enqueue(to, task("again", { id: "order-7" }))).toMatchObject([{ duplicate: true }]);
      const repeat = { tasks: [task("called")], call: { producer: "00000000000000a1", number: 4 } };
      expect(await to.operate("enqueue", repeat)).toEqual(await from.operate("enqueue", repeat));
      expect(await counts(to)).toEqual(await counts(from));
    });

    test("is another life: no claim token of before settles anything, and what was claimed comes back at its deadline", async () => {
      const [from, to] = [await open(), await open()];
      const { held } = await fill(from);
      await imported(to, await exported(from));
      const [first] = held as [ClaimedTask, ...ClaimedTask[]];
      expect(await ack(to, first)).toEqual(["claim-lost"]);
      expect((await stats(to)).claimed).toBe(4);
      for (const queue of [from, to]) queue.advance(600_001);
      await to.sweep();
      expect((await stats(to)).claimed).toBe(0);
      // The exported queue's own are as good as ever.
      expect(await ack(from, ...held)).toEqual(["claim-lost", "claim-lost", "claim-lost", "claim-lost"]);
    });

    test("knows its tasks by the ids of before, and gives new ones ids that the exported queue never gives", async () => {
      const [from, to] = [await open(), await open()];
      const [old] = await enqueue(from, task("old"));
      await imported(to, await exported(from));
      const [mine] = await enqueue(from, task("mine"));
      const [theirs] = await enqueue(to, task("theirs"));
      expect(mine?.id).not.toBe(theirs?.id);
      expect(await to.operate("getTask", { id: old?.id ?? "" })).toMatchObject({ task: { payload: '"old"' } });
      expect(await to.operate("getTask", { id: mine?.id ?? "" })).toMatchObject({ kind: "task-not-found" });
      expect(await from.operate("getTask", { id: theirs?.id ?? "" })).toMatchObject({ kind: "task-not-found" });
      expect((await claim(to, { max: 5 })).map(({ id }) => id)).toEqual([old?.id, theirs?.id]);
    });

    test("has what its tasks remember of their attempts", async () => {
      const [from, to] = [await open(), await open()];
      const [written] = await enqueue(from, task(1));
      await nack(from, await claimOne(from, { claimant: "worker-1" }), { error: "no stock", delayMs: 0 });
      await imported(to, await exported(from));
      const id = written?.id ?? "";
      expect((await get(to, id)).pastAttempts).toEqual((await get(from, id)).pastAttempts);
      expect((await get(to, id)).pastAttempts).toMatchObject([{ claimant: "worker-1", error: "no stock" }]);
    });

    test("may be exported and imported again", async () => {
      const [first, second, third] = [await open(), await open(), await open()];
      await enqueue(first, task("one"));
      await imported(second, await exported(first));
      await enqueue(second, task("two"));
      await imported(third, await exported(second));
      await enqueue(third, task("three"));
      const ids = (await browsed(third)).map(({ id }) => id);
      expect(ids).toEqual(expect.arrayContaining((await browsed(second)).map(({ id }) => id)));
      for (const id of ids)
        expect(await third.operate("getTask", { id })).toMatchObject({ kind: "task", task: { id } });
      expect((await claim(third, { max: 5 })).map(({ payload }) => payload)).toEqual(['"one"', '"two"', '"three"']);
    });
  });

  describe("an export", () => {
    test("is the queue as its last page finds it, though tasks come, go and change between all pages", async () => {
      const [from, to] = [await open(), await open()];
      await enqueue(
        from,
        ...Array.from({ length: 900 }, (_, index) =>
          task({ index }, { lane: `lane-${index % 3}`, id: `own-${index}` }),
        ),
      );
      await enqueue(from, ...Array.from({ length: 2_400 }, (_, index) => task({ more: index }, { priority: 1 })));
      let pages = 0;
      const copy = await exported(from, async (page) => {
        pages = page;
        const [held] = await claim(from, { lanes: { inOrder: ["lane-0"] } });
        const [other] = await claim(from, { lanes: { inOrder: ["lane-1"] } });
        if (held !== undefined) await ack(from, held);
        if (other !== undefined) await nack(from, other, { error: `page ${page}` });
        await enqueue(from, task("new", { id: `new-${page}`, lane: "lane-2" }));
        await from.operate("cancelTask", { id: `own-${899 - page}`, force: true });
        await from.operate("putDocument", { key: "page", value: String(page) });
      });
      expect(pages).toBeGreaterThan(1);
      await imported(to, copy);
      expect(await browsed(to)).toEqual(await browsed(from));
      expect(await counts(to)).toEqual(await counts(from));
      expect(await to.operate("getDocument", { key: "page" })).toMatchObject({ document: { value: String(pages) } });
    });

    test("goes on over a restart, and answers a page again whose answer was lost", async () => {
      const [from, to] = [await open(), await open()];
      await enqueue(from, ...Array.from({ length: 1_000 }, (_, index) => task(index, { lane: "other" })));
      await enqueue(from, ...Array.from({ length: 500 }, (_, index) => task(index, { lane: "other" })));
      const first = expectKind(await from.operate("exportQueue", { after: null }), "exported");
      expectKind(await from.operate("exportQueue", { after: first.after }), "exported");
      await from.restart();
      await enqueue(from, task("meanwhile"));
      const records = [...first.records];
      let page = first;
      do {
        page = expectKind(await from.operate("exportQueue", { after: page.after }), "exported");
        records.push(...page.records);
      } while (!page.isLast);
      await imported(to, { head: page.head, records });
      expect(await browsed(to)).toEqual(await browsed(from));
    });

    test("ends when another begins, when the queue is purged, and when nobody asks for long", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const begin = async () => expectKind(await queue.operate("exportQueue", { after: null }), "exported").after;
      const ended = { kind: "export-ended" };
      const first = await begin();
      const second = await begin();
      expect(await queue.operate("exportQueue", { after: first })).toEqual(ended);
      await queue.operate("purge", null);
      expect(await queue.operate("exportQueue", { after: second })).toEqual(ended);
      await queue.sweep();
      const third = await begin();
      queue.advance(LIMITS.exportSilenceMs);
      await queue.sweep();
      expect(await queue.operate("exportQueue", { after: third })).toEqual(ended);
    });

    test("of a queue that does not exist is refused", async () => {
      const queue = await open();
      expect(await queue.operate("exportQueue", { after: null })).toMatchObject({ kind: "queue-not-found" });
    });
  });

  describe("an import", () => {
    test("changes nothing before its last records, over a restart too; records that come again are passed over", async () => {
      const [from, to] = [await open(), await open()];
      await fill(from);
      const copy = await exported(from);
      const part = (at: number, to_: number, isLast = false) => ({
        head: copy.head,
        at,
        records: copy.records.slice(at, to_),
        isLast,
        replace: false,
      });
      expect(await to.operate("importQueue", part(0, 4))).toEqual({ kind: "imported", records: 4, isWhole: false });
      expect(await to.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
      await to.restart();
      expect(await to.operate("importQueue", part(2, 6))).toEqual({ kind: "imported", records: 6, isWhole: false });
      expect(await to.operate("importQueue", part(7, 8))).toMatchObject({ kind: "invalid", field: "at", given: 7 });
      expect(await to.operate("importQueue", part(6, copy.records.length, true))).toMatchObject({ isWhole: true });
      expect(await browsed(to)).toEqual(await browsed(from));
    });

    test("goes into a queue that holds tasks only when asked to replace them, and then they are gone", async () => {
      const [from, to] = [await open(), await open()];
      await fill(from);
      const copy = await exported(from);
      await enqueue(to, task("in the way", { id: "way" }), task("plain"));
      const held = await claimOne(to);
      expect(await imported(to, copy)).toEqual({ kind: "queue-not-empty" });
      expect(await counts(to)).toEqual([1, 0, 1, 0]);
      expect(await imported(to, copy, { replace: true })).toMatchObject({ isWhole: true });
      expect(await browsed(to)).toEqual(await browsed(from));
      await to.sweep();
      await to.restart();
      expect(await browsed(to)).toEqual(await browsed(from));
      expect(await to.operate("ack", { claims: [ref(held.claim)] })).toMatchObject({ kind: "invalid" });
      expect(await enqueue(to, task("again", { id: "way" }))).toMatchObject([{ duplicate: false }]);
    });

    test("of an empty queue into one that exists and is empty needs no leave", async () => {
      const [from, to] = [await open(), await open()];
      await configure(from, { maxAttempts: 9 });
      await configure(to, { maxAttempts: 2 });
      expect(await imported(to, await exported(from))).toMatchObject({ isWhole: true });
      expect(await to.operate("getQueue", null)).toMatchObject({ queue: { settings: { maxAttempts: 9 } } });
    });

    test("takes no record that no queue could have exported, names what is wrong, and keeps what came before", async () => {
      const [from, to] = [await open(), await open()];
      await enqueue(from, task(1, { lane: "other" }));
      const { head, records } = await exported(from);
      const send = (record: TransferRecord, at = 0) =>
        to.operate("importQueue", { head, at, records: [record], isLast: false, replace: false });
      const row = { seq: 1, visible_at: 1, lane: "a", priority: 0, payload: "1" };
      expect(await send({ table: "sqlite_master", row: {} })).toMatchObject({ field: "records[0].table" });
      expect(await send({ table: "tasks", row: { ...row, more: 1 } })).toMatchObject({ field: "records[0].row.more" });
      expect(await send({ table: "tasks", row: { ...row, seq: "x" } })).toMatchObject({ field: "records[0].row.seq" });
      expect(await send({ table: "tasks", row: { ...row, state: 7 } })).toMatchObject({ field: "records[0].row" });
      expect(await send({ table: "tasks", row: { ...row, headers: "{" } })).toMatchObject({
        field: "records[0].row.headers",
      });
      for (const past_attempts of ["[]]", "[[1,2,3]]", `[${Array(17).fill('[1,0,0,null,0,"failed",null]').join()}]`]) {
        const field = "records[0].row.past_attempts";
        expect(await send({ table: "tasks", row: { ...row, past_attempts } })).toMatchObject({ field });
      }
      const producer = { producer: "p", owner: "o", ends_at: 1, taken_from: 1, calls: "[]", fingerprints: "1e9" };
      expect(await send({ table: "producers", row: producer })).toMatchObject({ field: "records[0].row.fingerprints" });
      expect(await send({ table: "tasks", gone: [1, 2] })).toMatchObject({ field: "records[0].gone" });
      const future = { ...head, schema: head.schema + 1 };
      expect(
        await to.operate("importQueue", { head: future, at: 0, records, isLast: true, replace: false }),
      ).toMatchObject({
        field: "head.schema",
      });
      const withoutQueue = records.filter(({ table }) => table !== "queue");
      expect(await imported(to, { head, records: withoutQueue })).toMatchObject({ kind: "invalid", field: "records" });
      expect(await imported(to, { head: { ...head, export: "00000000000000ff" }, records })).toMatchObject({
        isWhole: true,
      });
    });
  });
}
