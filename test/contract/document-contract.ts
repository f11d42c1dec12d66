// Documents beside the tasks: versioned, listed by prefix, and changed in the same commit as they are (P4, P6).

import { describe, expect, test } from "vitest";
import { ack, claimOne, enqueue, expectKind, payloads, browseAll, ref, task } from "./builders.ts";
import { failuresOf, getDocument, modify, put } from "./modify-builders.ts";
import type { OpenQueue } from "./queue-driver.ts";

export function documentContract(open: OpenQueue): void {
  describe("documents", () => {
    test("a document is written, read and deleted, and survives a restart (P1)", async () => {
      const queue = await open();
      const first = await put(queue, "counter", 1);
      expect(first).toMatchObject({ key: "counter", value: "1", createdAt: queue.now(), updatedAt: queue.now() });
      queue.advance(5);
      const second = await put(queue, "counter", { n: 2 });
      expect(second.version).toBeGreaterThan(first.version);
      expect(second).toMatchObject({ createdAt: queue.now() - 5, updatedAt: queue.now() });
      await queue.restart();
      expect(await getDocument(queue, "counter")).toEqual(second);
      expect(await queue.operate("deleteDocument", { key: "counter" })).toEqual({
        kind: "done",
        key: "counter",
      });
      expect(await queue.operate("getDocument", { key: "counter" })).toEqual({
        kind: "document-not-found",
        key: "counter",
      });
      expect(await queue.operate("deleteDocument", { key: "counter" })).toMatchObject({ kind: "document-not-found" });
    });

    test("a version that is given must be the document's, 0 standing for none (P4)", async () => {
      const queue = await open();
      expect(await queue.operate("putDocument", { key: "k", value: "1", version: 5 })).toEqual({
        kind: "document-conflict",
        key: "k",
        version: 0,
      });
      expect(await queue.operate("getDocument", { key: "k" })).toMatchObject({ kind: "queue-not-found" });
      const { version } = await put(queue, "k", 1, 0);
      expect(await queue.operate("putDocument", { key: "k", value: "2", version: 0 })).toEqual({
        kind: "document-conflict",
        key: "k",
        version,
      });
      const next = await put(queue, "k", 2, version);
      expect(await queue.operate("deleteDocument", { key: "k", version })).toMatchObject({
        kind: "document-conflict",
        version: next.version,
      });
      expectKind(await queue.operate("deleteDocument", { key: "k", version: next.version }), "done");
    });

    test("a document that was deleted and made again has no version of its former life (P4)", async () => {
      const queue = await open();
      const versions = new Set<number>();
      for (const round of [1, 2, 3]) {
        versions.add((await put(queue, "k", round)).version);
        versions.add((await put(queue, "k", -round)).version);
        expectKind(await queue.operate("deleteDocument", { key: "k" }), "done");
      }
      expect(versions.size).toBe(6);
    });

    test("documents are listed by prefix in the order of their keys, page by page", async () => {
      const queue = await open();
      for (const key of ["b", "a:1", "a:10", "a:2", "A", "a", "a;no"].filter((name) => !name.includes(";"))) {
        await put(queue, key, key);
      }
      const page = async (prefix: string, limit: number, after = "") =>
        expectKind(await queue.operate("listDocuments", { prefix, limit, after }), "documents");
      const all = await page("", 100);
      expect(all.documents.map(({ key }) => key)).toEqual(["A", "a", "a:1", "a:10", "a:2", "b"]);
      expect(all.after).toBeNull();
      const first = await page("a:", 2);
      expect(first.documents.map(({ key }) => key)).toEqual(["a:1", "a:10"]);
      expect(first.after).toBe("a:10");
      const second = await page("a:", 2, "a:10");
      expect(second.documents.map(({ key }) => key)).toEqual(["a:2"]);
      expect(second.after).toBeNull();
      expect((await page("zzz", 9)).documents).toEqual([]);
    });

    test("a page of large documents ends before it outgrows an answer", async () => {
      const queue = await open();
      const value = "x".repeat(262_000);
      for (let index = 0; index < 70; index += 1) await put(queue, `k${String(index).padStart(2, "0")}`, value);
      const first = expectKind(
        await queue.operate("listDocuments", { prefix: "", limit: 1_000, after: "" }),
        "documents",
      );
      expect(first.documents.length).toBeGreaterThan(50);
      expect(first.documents.length).toBeLessThan(70);
      const rest = expectKind(
        await queue.operate("listDocuments", { prefix: "", limit: 1_000, after: first.after ?? "" }),
        "documents",
      );
      expect(first.documents.length + rest.documents.length).toBe(70);
      expect(rest.after).toBeNull();
    });

    test("purging keeps documents, deleting the queue deletes them", async () => {
      const queue = await open();
      await put(queue, "k", 1);
      await enqueue(queue, task(1));
      await queue.operate("purge", null);
      expect(await getDocument(queue, "k")).toMatchObject({ value: "1" });
      await queue.operate("deleteQueue", null);
      expect(await queue.operate("getDocument", { key: "k" })).toMatchObject({ kind: "queue-not-found" });
      await enqueue(queue, task(2));
      expect(await queue.operate("getDocument", { key: "k" })).toMatchObject({ kind: "document-not-found" });
    });
  });

  describe("documents in a modify", () => {
    test("an ack, a counter and the next step commit together (P6)", async () => {
      const queue = await open();
      await enqueue(queue, task("order"));
      const held = await claimOne(queue);
      const { inserted } = await modify(queue, {
        insert: [{ document: { key: "count", value: "1" } }, { task: task("invoice") }],
        delete: [{ task: { claim: ref(held.claim) } }],
      });
      const version = (await getDocument(queue, "count")).version;
      expect(inserted).toMatchObject([{ document: { key: "count", version } }, { duplicate: false }]);
      const next = await claimOne(queue);
      const { changed } = await modify(queue, {
        change: [{ document: { key: "count", version }, value: "2" }],
        delete: [{ task: { claim: ref(next.claim) } }],
      });
      expect(changed).toEqual([{ document: { key: "count", version: (await getDocument(queue, "count")).version } }]);
      expect(await getDocument(queue, "count")).toMatchObject({ value: "2" });
      expect(await browseAll(queue)).toEqual([]);
    });

    test("a stale, missing or colliding document fails all of it and is reported", async () => {
      const queue = await open();
      const { version } = await put(queue, "k", 1);
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      const failures = await failuresOf(queue, {
        insert: [{ document: { key: "k", value: "9" } }],
        delete: [{ task: { claim: ref(held.claim) } }, { document: { key: "gone", version: 4 } }],
      });
      expect(failures).toEqual([
        { operation: "insert", index: 0, key: "k", reason: "colliding", version },
        { operation: "delete", index: 1, key: "gone", reason: "missing" },
      ]);
      const stale = { document: { key: "k", version: version + 1 } };
      const told = { index: 0, key: "k", reason: "stale", version };
      expect(await failuresOf(queue, { change: [{ ...stale, value: "9" }] })).toEqual([
        { operation: "change", ...told },
      ]);
      expect(await failuresOf(queue, { delete: [stale] })).toEqual([{ operation: "delete", ...told }]);
      expect(await failuresOf(queue, { depend: [stale] })).toEqual([{ operation: "depend", ...told }]);
      expect(await failuresOf(queue, { depend: [{ document: { key: "k", version: 0 } }] })).toEqual([
        { operation: "depend", ...told },
      ]);
      expect(await getDocument(queue, "k")).toMatchObject({ value: "1", version });
      expect(await ack(queue, held)).toEqual(["ok"]);
      await modify(queue, { delete: [{ document: { key: "k", version } }], insert: [{ task: task(2) }] });
      expect(payloads(await browseAll(queue))).toEqual([2]);
    });
  });
}
