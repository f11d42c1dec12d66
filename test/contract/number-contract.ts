// Keys, ids and versions of documents are given out once, though every row that had them is gone, the object restarts and its
// clock has not moved.

import { describe, expect, test } from "vitest";
import { ack, claim, claimOne, configure, enqueue, expectKind, payloads, task } from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

async function idsOf(queue: QueueDriver, count: number): Promise<string[]> {
  return (await enqueue(queue, ...Array.from({ length: count }, (_, index) => task(index)))).map(({ id }) => id);
}

/** What may take every row away that names the last keys. */
const GONE: Readonly<Record<string, (queue: QueueDriver, ids: readonly string[]) => Promise<unknown>>> = {
  purged: (queue) => queue.operate("purge", null),
  "deleted with their queue": (queue) => queue.operate("deleteQueue", null),
  "cancelled in a queue that was never claimed": async (queue, ids) => {
    for (const id of ids) expectKind(await queue.operate("cancelTask", { id, force: false }), "cancelled");
  },
  "removed after their TTL": async (queue) => {
    await enqueue(queue, task("short", { ttlMs: 1_000, delayMs: 500 }));
    queue.advance(1_000);
    await queue.sweep();
    await queue.operate("purge", null);
  },
  "acked, and the rows of their claims swept": async (queue) => {
    await ack(queue, ...(await claim(queue, { max: 10 })));
    await enqueue(queue, ...Array.from({ length: 1_100 }, (_, index) => task(index)));
    await Promise.all(Array.from({ length: 1_100 }, () => claimOne(queue, { claimTimeoutMs: 60_000 })));
    queue.advance(60_000);
    await configure(queue, { maxAttempts: 1, retentionMs: 1_000 });
    for (let n = 0; n < 3; n += 1) await queue.sweep();
    await queue.operate("purge", null);
  },
};

export function numberContract(open: OpenQueue): void {
  describe("numbers are given out once", () => {
    test.each(Object.entries(GONE))("though all tasks are %s", async (_name, remove) => {
      const queue = await open();
      await configure(queue, { dedupeMs: 0 });
      const before = await idsOf(queue, 5);
      await remove(queue, before);
      await queue.restart();
      const after = await idsOf(queue, 5);
      expect(after.filter((id) => before.includes(id))).toEqual([]);
      expect(after.every((id) => id > (before.at(-1) ?? ""))).toBe(true);
    });

    test("a document that is deleted and made again has no version of its former life", async () => {
      const queue = await open();
      const versions: number[] = [];
      for (let life = 0; life < 3; life += 1) {
        const put = expectKind(await queue.operate("putDocument", { key: "count", value: "1" }), "document");
        versions.push(put.document.version);
        await queue.operate("deleteDocument", { key: "count" });
        await queue.restart();
      }
      expect(new Set(versions).size).toBe(3);
    });
  });

  describe("a purge", () => {
    test("empties the queue at once; the next tasks are as in a new one, and remembered ids stay", async () => {
      const queue = await open();
      await configure(queue, { dedupeMs: 60_000 });
      await enqueue(queue, task("done", { id: "done" }));
      await ack(queue, await claimOne(queue));
      await enqueue(queue, ...Array.from({ length: 300 }, (_, index) => task(index, { id: `id-${index}`, lane: "a" })));
      expect(await queue.operate("purge", null)).toEqual({ kind: "done", tasks: 300 });
      expect((await enqueue(queue, task("again", { id: "done" })))[0]).toMatchObject({
        duplicate: true,
        state: "done",
      });
      expect((await enqueue(queue, task("new", { id: "id-1" })))[0]).toMatchObject({ duplicate: false });
      await queue.sweep();
      await queue.restart();
      await queue.sweep();
      expect((await enqueue(queue, task("again", { id: "done" })))[0]).toMatchObject({
        duplicate: true,
        state: "done",
      });
      expect(payloads(await claim(queue, { max: 5, lanes: { inOrder: ["a", "main"] } }))).toEqual(["new"]);
    });
  });
}
