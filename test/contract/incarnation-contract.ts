// A queue whose database was put back is told so: from then on nothing that an earlier life gave out names anything in it (P4), and
// nothing that it holds is lost.

import { describe, expect, test } from "vitest";
import type { ClaimedTask } from "../../src/core/task.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  extend,
  nack,
  payloads,
  ref,
  stats,
  task,
} from "./builders.ts";

const LOST = { ok: false, code: "claim-lost" };

async function told(queue: QueueDriver) {
  return expectKind(await queue.operate("reincarnate", null), "reincarnated");
}

export function incarnationContract(open: OpenQueue): void {
  describe("a new incarnation", () => {
    test("takes no claim token of before, and says so of each: those of its own in the same call are good", async () => {
      const queue = await open();
      await enqueue(queue, ...["one", "two", "three", "four"].map((payload) => task(payload)));
      const [old, other] = (await claim(queue, { max: 2, claimTimeoutMs: 600_000 })) as [ClaimedTask, ClaimedTask];
      await told(queue);
      for (const isAnew of [false, true]) {
        if (isAnew) await queue.restart();
        const mine = await claimOne(queue);
        expect(await ack(queue, old, mine)).toEqual(["claim-lost", "ok"]);
      }
      expect(await nack(queue, other)).toBe("claim-lost");
      expect(await extend(queue, 1_000, old)).toEqual([LOST]);
      const settled = await queue.operate("settle", {
        acks: [ref(old.claim)],
        nacks: [{ claim: ref(other.claim) }],
      });
      expect(settled).toEqual({ kind: "settled", acks: [LOST], nacks: [LOST] });
      const modify = { insert: [], change: [], delete: [{ task: { claim: ref(old.claim) } }], depend: [] };
      expect(await queue.operate("modify", modify)).toMatchObject({
        kind: "dependency-failed",
        failures: [{ operation: "delete", index: 0, reason: "claimed" }],
      });
      expect(await counts(queue)).toEqual([0, 0, 2, 0]);
    });

    test("keeps what is claimed until its deadline, and offers it then with its attempts", async () => {
      const queue = await open();
      await configure(queue, { backoff: { minMs: 0, maxMs: 0 } });
      await enqueue(queue, task("held"));
      await claimOne(queue, { claimTimeoutMs: 60_000 });
      await told(queue);
      queue.advance(59_999);
      expect(await claim(queue)).toEqual([]);
      queue.advance(1);
      expect(await claim(queue)).toMatchObject([{ payload: '"held"', attempts: 2 }]);
    });

    test("keeps every task under its id, and gives new ones ids of another tag", async () => {
      const queue = await open();
      const before = await enqueue(
        queue,
        task("plain"),
        task("named", { id: "order-7" }),
        task("later", { delayMs: 9_000 }),
      );
      const { tag, incarnation } = await told(queue);
      expect(incarnation).toBe(2);
      const [since] = await enqueue(queue, task("since"));
      expect(since?.id.split("-")[0]).toBe(tag);
      expect(before[0]?.id.split("-")[0]).not.toBe(tag);
      expect((await told(queue)).incarnation).toBe(3);
      const ids = [...before, since].map((one) => one?.id);
      for (const id of ids) expect(await queue.operate("getTask", { id: id ?? "" })).toMatchObject({ task: { id } });
      expect((await browseAll(queue)).map(({ id }) => id).toSorted()).toEqual(ids.toSorted());
      queue.advance(9_000);
      expect(payloads(await claim(queue, { max: 9 })).toSorted()).toEqual(["later", "named", "plain", "since"]);
    });

    test("knows ids that its producers named, settings, documents and counts as before", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 9, dedupeMs: 3_600_000 });
      await enqueue(queue, task("done", { id: "order-7" }), task("dies"));
      await ack(queue, await claimOne(queue));
      await nack(queue, await claimOne(queue), { dead: true });
      await queue.operate("putDocument", { key: "progress", value: "17" });
      const before = await stats(queue);
      await told(queue);
      expect(await stats(queue)).toEqual({ ...before, outbox: expect.any(Number) as number });
      expect(await enqueue(queue, task("again", { id: "order-7" }))).toMatchObject([{ duplicate: true }]);
      expect(await queue.operate("getDocument", { key: "progress" })).toMatchObject({ document: { value: "17" } });
      expect(await queue.operate("getQueue", null)).toMatchObject({ queue: { settings: { maxAttempts: 9 } } });
    });

    test("tells when the last id was given out that the queue knows of", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const at = queue.now();
      queue.advance(5_000);
      expect(await told(queue)).toMatchObject({ knownUntil: at });
    });

    test("ends an export that is under way: its pages are of another life", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const { after } = expectKind(await queue.operate("exportQueue", { after: null }), "exported");
      await told(queue);
      expect(await queue.operate("exportQueue", { after })).toEqual({ kind: "export-ended" });
    });

    test("of a queue that was never made is refused; a deleted one stays deleted", async () => {
      const queue = await open();
      expect(await queue.operate("reincarnate", null)).toMatchObject({ kind: "queue-not-found" });
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      await queue.operate("deleteQueue", null);
      await told(queue);
      expect(await queue.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
      await enqueue(queue, task("anew"));
      expect(await ack(queue, held)).toEqual(["task-not-found"]);
    });
  });
}
