// Modify: whole or not at all (P6), fenced (P4), and a refusal that tells everything. After the behaviours that EntroQ asks
// of its backends.

import { describe, expect, test } from "vitest";
import type { ModifyInput } from "../../src/core/modify.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  counts,
  enqueue,
  expectKind,
  get,
  nack,
  payloads,
  ref,
  stats,
  task,
} from "./builders.ts";
import { failuresOf, modify } from "./modify-builders.ts";
import type { OpenQueue } from "./queue-driver.ts";

export function modifyContract(open: OpenQueue): void {
  describe("what a modify does", () => {
    test("it inserts, changes and deletes in one step, over several lanes", async () => {
      const queue = await open();
      const [a, b] = await enqueue(queue, task("a"), task("b", { lane: "side" }), task("c"));
      if (a === undefined || b === undefined) throw new Error("tasks expected");
      const answer = await modify(queue, {
        insert: [{ task: task("new", { lane: "third", id: "n" }) }],
        change: [{ task: b, change: { payload: `"changed"`, lane: "main", priority: 5, headers: { k: "v" } } }],
        delete: [{ task: a }],
      });
      expect(answer.inserted).toEqual([{ id: "n", version: 1, visibleAt: queue.now(), duplicate: false }]);
      expect(answer.changed).toEqual([
        { id: b.id, version: b.version + 1, visibleAt: b.visibleAt, claimedUntil: null },
      ]);
      const lanes = { inOrder: ["third", "main"] };
      expect(payloads(await claim(queue, { max: 9, lanes }))).toEqual(["new", "changed", "c"]);
      expect(await get(queue, b.id)).toMatchObject({ headers: { k: "v" }, lane: "main", priority: 5 });
    });

    test("a claimed task is deleted by its claim token, and then its ack finds nothing (P5)", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      await modify(queue, { delete: [{ task: { claim: ref(held.claim) } }], insert: [{ task: task(2) }] });
      expect(await ack(queue, held)).toEqual(["task-not-found"]);
      expect(payloads(await browseAll(queue))).toEqual([2]);
      await queue.restart();
      expect(payloads(await browseAll(queue))).toEqual([2]);
      expect(await counts(queue)).toEqual([1, 0, 0, 0]);
    });

    test("a deleted task's own id stays remembered through the dedupe window (P10)", async () => {
      const queue = await open();
      await enqueue(queue, task(1, { id: "order-1" }));
      const held = await claimOne(queue);
      await modify(queue, { delete: [{ task: { claim: ref(held.claim) } }] });
      expect(await enqueue(queue, task(1, { id: "order-1" }))).toMatchObject([{ duplicate: true }]);
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });

    test("a change by claim token gives the task back at its time, its attempts counted from the beginning (P7, P8)", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 2 });
      await enqueue(queue, task("step 1"));
      await nack(queue, await claimOne(queue), { delayMs: 0, error: "once" });
      for (const step of [2, 3, 4]) {
        const held = await claimOne(queue, { lanes: { inOrder: ["main", "next"] } });
        const answer = await modify(queue, {
          change: [
            {
              task: { claim: ref(held.claim) },
              change: { payload: `"step ${step}"`, lane: "next", delayMs: 100 },
            },
          ],
        });
        expect(answer.changed).toEqual([
          { id: held.id, version: held.version + 1, visibleAt: queue.now() + 100, claimedUntil: null },
        ]);
        expect(await ack(queue, held)).toEqual(["claim-lost"]);
        expect(await counts(queue)).toEqual([0, 1, 0, 0]);
        queue.advance(99);
        expect(await claim(queue, { lanes: { inOrder: ["main", "next"] } })).toEqual([]);
        queue.advance(1);
      }
      const last = await claimOne(queue, { lanes: { inOrder: ["next"] } });
      expect(last).toMatchObject({ attempts: 1, error: null, payload: `"step 4"` });
    });

    test("a plain task given back without any change is offered again, before and after a restart", async () => {
      const queue = await open();
      await enqueue(queue, task("a"), task("b"));
      const held = await claim(queue, { max: 2 });
      await modify(queue, { change: held.map(({ claim: token }) => ({ task: { claim: ref(token) }, change: {} })) });
      expect(payloads(await claim(queue))).toEqual(["a"]);
      await queue.restart();
      expect(payloads(await claim(queue))).toEqual(["b"]);
    });

    test("a change that keeps the claim keeps its token, its attempt and, unless it says otherwise, its deadline (P3)", async () => {
      const queue = await open();
      await enqueue(queue, task("a"), task("b"));
      const [a, b] = await claim(queue, { max: 2, claimTimeoutMs: 1_000 });
      if (a === undefined || b === undefined) throw new Error("tasks expected");
      const claimedUntil = queue.now() + 1_000;
      queue.advance(500);
      const kept = await modify(queue, {
        change: [{ task: { claim: ref(a.claim) }, change: { payload: `"half"`, lane: "side" }, keepClaim: {} }],
      });
      expect(kept.changed).toEqual([{ id: a.id, version: a.version + 1, visibleAt: a.visibleAt, claimedUntil }]);
      expect(await get(queue, a.id)).toMatchObject({ state: "claimed", version: a.version + 1, attempts: 1 });
      await queue.restart();
      expect(await get(queue, a.id)).toMatchObject({ state: "claimed", claimedUntil, payload: `"half"` });
      expect((await stats(queue)).lanes).toMatchObject({ side: { claimed: 1 }, main: { claimed: 1 } });
      const renewed = await modify(queue, {
        change: [{ task: { claim: ref(a.claim) }, change: {}, keepClaim: { claimTimeoutMs: 5_000 } }],
      });
      expect(renewed.changed).toMatchObject([{ version: a.version + 2, claimedUntil: queue.now() + 5_000 }]);
      await queue.restart();
      queue.advance(4_999);
      expect(payloads(await claim(queue, { max: 9, lanes: { inOrder: ["main", "side"] } }))).toEqual(["b"]);
      queue.advance(1);
      const again = await claimOne(queue, { lanes: { inOrder: ["side"] } });
      expect(again).toMatchObject({ id: a.id, attempts: 2, error: "claim expired", payload: `"half"` });
      expect(again.version).toBeGreaterThan(a.version + 2);
      expect(await ack(queue, a)).toEqual(["claim-lost"]);
      expect(await ack(queue, again)).toEqual(["ok"]);
    });

    test("a kept claim beside a deleted one of the same claim call survives a restart", async () => {
      const queue = await open();
      await enqueue(queue, task("a"), task("b"), task("c"));
      const [a, b, c] = await claim(queue, { max: 3, claimTimeoutMs: 60_000 });
      if (a === undefined || b === undefined || c === undefined) throw new Error("tasks expected");
      await modify(queue, {
        delete: [{ task: { claim: ref(a.claim) } }],
        change: [{ task: { claim: ref(b.claim) }, change: {}, keepClaim: {} }],
      });
      await queue.restart();
      expect(await counts(queue)).toEqual([0, 0, 2, 0]);
      expect(await ack(queue, b, c, a)).toEqual(["ok", "ok", "task-not-found"]);
    });

    test("depend asks that a task is there, and leaves it as it is", async () => {
      const queue = await open();
      const [watched] = await enqueue(queue, task(1));
      if (watched === undefined) throw new Error("a task expected");
      await modify(queue, { depend: [{ task: watched }], insert: [{ task: task(2) }] });
      expect(await get(queue, watched.id)).toMatchObject({ version: 1, state: "ready" });
      const held = await claimOne(queue);
      expect(await modify(queue, { depend: [{ task: { claim: ref(held.claim) } }] })).toEqual({
        inserted: [],
        changed: [],
      });
      // A claim is a version of its own.
      expect(await failuresOf(queue, { depend: [{ task: watched }] })).toEqual([
        { operation: "depend", index: 0, id: watched.id, reason: "stale", version: 2 },
      ]);
      await modify(queue, { depend: [{ task: { id: watched.id, version: 2 } }] });
      expect(await ack(queue, held)).toEqual(["ok"]);
    });

    test("an insert with an id that is taken fails the modify, or is skipped if it says so", async () => {
      const queue = await open();
      await enqueue(queue, task("old", { id: "x", lane: "elsewhere" }));
      expect(await failuresOf(queue, { insert: [{ task: task("new", { id: "x" }) }] })).toEqual([
        { operation: "insert", index: 0, id: "x", reason: "colliding", version: 1 },
      ]);
      const answer = await modify(queue, {
        insert: [{ task: task("new", { id: "x" }), onConflict: "skip" }, { task: task("other", { id: "y" }) }],
      });
      expect(answer.inserted).toMatchObject([
        { id: "x", duplicate: true },
        { id: "y", duplicate: false },
      ]);
      expect(payloads(await browseAll(queue))).toEqual(expect.arrayContaining(["old", "other"]));
      expect((await stats(queue)).ready).toBe(2);
    });

    test("an id whose dedupe window has ended may be inserted again", async () => {
      const queue = await open();
      await configure(queue, { dedupeMs: 1_000 });
      await enqueue(queue, task(1, { id: "x" }));
      await ack(queue, await claimOne(queue));
      queue.advance(999);
      expect(await failuresOf(queue, { insert: [{ task: task(2, { id: "x" }) }] })).toMatchObject([
        { reason: "colliding" },
      ]);
      queue.advance(1);
      await modify(queue, { insert: [{ task: task(2, { id: "x" }) }] });
      expect(payloads(await claim(queue))).toEqual([2]);
    });

    test("a dead task may be deleted and depended on, but not changed", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      await nack(queue, await claimOne(queue), { dead: true });
      const [dead] = await browseAll(queue, "dead");
      if (dead === undefined) throw new Error("a dead task expected");
      expect(await failuresOf(queue, { change: [{ task: dead, change: { lane: "side" } }] })).toEqual([
        { operation: "change", index: 0, id: dead.id, reason: "dead", version: dead.version },
      ]);
      await modify(queue, { depend: [{ task: dead }] });
      await modify(queue, { delete: [{ task: dead }] });
      expect(await counts(queue)).toEqual([0, 0, 0, 0]);
    });
  });

  describe("what a modify refuses", () => {
    test("every reference that fails is reported, and nothing is written (P4, P6)", async () => {
      const queue = await open();
      const written = await enqueue(
        queue,
        task("held"),
        task("lost", { lane: "b" }),
        task("stale", { lane: "c" }),
        task("fine", { lane: "c", id: "fine" }),
      );
      const [heldId, lostId, staleId] = written.map(({ id }) => id);
      const held = await claimOne(queue, { claimTimeoutMs: 60_000 });
      const lost = await claimOne(queue, { lanes: { inOrder: ["b"] }, claimTimeoutMs: 10 });
      queue.advance(10);
      await queue.sweep();
      const before = await browseAll(queue);
      const failures = await failuresOf(queue, {
        insert: [{ task: task("no", { id: "fine" }) }, { task: task("no") }],
        change: [
          { task: { id: staleId ?? "", version: 7 }, change: { payload: "0" } },
          { task: { id: "nobody", version: 1 }, change: { payload: "0" } },
        ],
        delete: [
          { task: { id: heldId ?? "", version: 2 } },
          { task: { claim: ref(lost.claim) } },
          { document: { key: "counter", version: 3 } },
        ],
        depend: [{ task: { id: "nobody else", version: 1 } }, { document: { key: "absent", version: 0 } }],
      });
      expect(failures).toEqual([
        { operation: "insert", index: 0, id: "fine", reason: "colliding", version: 1 },
        { operation: "change", index: 0, id: staleId, reason: "stale", version: 1 },
        { operation: "change", index: 1, id: "nobody", reason: "missing" },
        {
          operation: "delete",
          index: 0,
          id: heldId,
          reason: "claimed",
          version: 2,
          claimedUntil: held.claimedUntil,
        },
        { operation: "delete", index: 1, id: lostId, reason: "stale", version: 3 },
        { operation: "delete", index: 2, key: "counter", reason: "missing" },
        { operation: "depend", index: 0, id: "nobody else", reason: "missing" },
      ]);
      expect(await browseAll(queue)).toEqual(before);
      expect(await ack(queue, held)).toEqual(["ok"]);
    });

    test("a claim that another has taken over is claimed by another, with its deadline", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const first = await claimOne(queue, { claimTimeoutMs: 10, claimant: "first" });
      queue.advance(10);
      const second = await claimOne(queue, { claimTimeoutMs: 1_000, claimant: "second" });
      for (const operation of ["delete", "depend"] as const) {
        expect(await failuresOf(queue, { [operation]: [{ task: { claim: ref(first.claim) } }] })).toEqual([
          {
            operation,
            index: 0,
            id: first.id,
            reason: "claimed",
            version: second.version,
            claimedUntil: second.claimedUntil,
          },
        ]);
      }
      const byAnother = { claimant: "first", delete: [{ task: { claim: ref(second.claim) } }] };
      expect(await failuresOf(queue, byAnother)).toMatchObject([{ reason: "claimed" }]);
      await modify(queue, { ...byAnother, claimant: "second" });
      expect(await failuresOf(queue, { delete: [{ task: { claim: ref(second.claim) } }] })).toEqual([
        { operation: "delete", index: 0, reason: "missing" },
      ]);
    });

    test("a task or document that is named twice is refused, by whatever names", async () => {
      const queue = await open();
      const [own] = await enqueue(queue, task(1, { id: "x" }));
      if (own === undefined) throw new Error("a task expected");
      const held = await claimOne(queue);
      const twice: Partial<ModifyInput>[] = [
        { delete: [{ task: own }], depend: [{ task: own }] },
        { delete: [{ task: { claim: ref(held.claim) } }], depend: [{ task: { id: "x", version: 2 } }] },
        { delete: [{ task: own }], insert: [{ task: task(2, { id: "x" }), onConflict: "skip" }] },
        {
          insert: [
            { task: task(2, { id: "y" }), onConflict: "fail" },
            { task: task(2, { id: "y" }), onConflict: "fail" },
          ],
        },
        {
          insert: [{ document: { key: "k", value: "1" } }],
          depend: [{ document: { key: "k", version: 0 } }],
        },
      ];
      for (const input of twice) {
        const outcome = await queue.operate("modify", { insert: [], change: [], delete: [], depend: [], ...input });
        expect(outcome).toMatchObject({ kind: "invalid", allowed: expect.stringContaining("once") as string });
      }
      expect(await ack(queue, held)).toEqual(["ok"]);
    });

    test("a claim token of another queue is refused before anything is looked at", async () => {
      const queue = await open();
      await enqueue(queue, task(1));
      const held = await claimOne(queue);
      const foreign = { ...ref(held.claim), tag: "zzzzz" };
      const input = { insert: [], change: [], delete: [{ task: { claim: foreign } }], depend: [] };
      expect(await queue.operate("modify", input)).toMatchObject({ kind: "invalid", field: "delete[0].claim" });
      expect(await ack(queue, held)).toEqual(["ok"]);
    });

    test("on a queue that does not exist all is missing, and nothing is created", async () => {
      const queue = await open();
      expect(
        await failuresOf(queue, {
          delete: [{ task: { id: "x", version: 1 } }],
          change: [{ document: { key: "k", version: 1 }, value: "1" }],
        }),
      ).toMatchObject([{ reason: "missing" }, { reason: "missing" }]);
      expect(await modify(queue, { depend: [{ document: { key: "k", version: 0 } }] })).toEqual({
        inserted: [],
        changed: [],
      });
      expect(await queue.operate("getQueue", null)).toMatchObject({ kind: "queue-not-found" });
      await modify(queue, { insert: [{ task: task(1) }] });
      expect(payloads(await claim(queue))).toEqual([1]);
    });

    test("a full queue takes as much as the same modify takes out, and no more", async () => {
      const queue = await open();
      await configure(queue, { maxBacklog: 2 });
      await enqueue(queue, task("a"), task("b"));
      const held = await claimOne(queue);
      const input = {
        insert: [
          { task: task("c"), onConflict: "fail" },
          { task: task("d"), onConflict: "fail" },
        ],
        change: [],
        delete: [{ task: { claim: ref(held.claim) } }],
        depend: [],
      } as const;
      expect(await queue.operate("modify", input)).toEqual({ kind: "queue-full", what: "tasks", limit: 2 });
      expect((await stats(queue)).claimed).toBe(1);
      expectKind(await queue.operate("modify", { ...input, insert: input.insert.slice(1) }), "modified");
      expect(payloads(await claim(queue, { max: 9 }))).toEqual(["b", "d"]);
    });

    test("a time beyond the longest delay is refused with its field", async () => {
      const queue = await open();
      const visibleAt = queue.now() + 366 * 86_400_000 + 1;
      const input = { insert: [], change: [], delete: [], depend: [] };
      const insert = [{ task: task(1, { visibleAt }), onConflict: "fail" as const }];
      expect(await queue.operate("modify", { ...input, insert })).toMatchObject({ field: "insert[0].visibleAt" });
      expect(
        await queue.operate("modify", {
          ...input,
          insert: [{ ...insert[0], task: task(1, { visibleAt: visibleAt - 1 }) } as never],
        }),
      ).toMatchObject({ kind: "modified" });
    });
  });
}
