// What a task remembers of the attempts at it, however each ended, and that a task at which none ended remembers nothing.

import { describe, expect, test } from "vitest";
import type { Attempt } from "../../src/core/attempt.ts";
import { LIMITS } from "../../src/core/limits.ts";
import {
  ack,
  browseAll,
  claim,
  claimOne,
  configure,
  enqueue,
  expectKind,
  get,
  nack,
  ref,
  stats,
  task,
} from "./builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

async function attempts(queue: QueueDriver, id: string): Promise<readonly Attempt[]> {
  const { pastAttempts } = await get(queue, id);
  if (pastAttempts === undefined) throw new Error("expected the past attempts of a task that is looked at");
  return pastAttempts;
}

async function enqueueOne(queue: QueueDriver, options: Parameters<typeof task>[1] = {}): Promise<string> {
  const [written] = await enqueue(queue, task("x", options));
  if (written === undefined) throw new Error("nothing written");
  return written.id;
}

export function attemptContract(open: OpenQueue): void {
  describe("past attempts", () => {
    test("a page of browsing or of a search has past attempts if it is asked for them, and none otherwise", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 1 });
      await enqueueOne(queue);
      await nack(queue, await claimOne(queue), { error: "no stock" });
      const waiting = await enqueueOne(queue);
      const first = { limit: 10, after: 0 };
      for (const asked of [{ pastAttempts: true }, { pastAttempts: false }, {}]) {
        const page = expectKind(await queue.operate("browse", { ...first, ...asked }), "page");
        const found = expectKind(await queue.operate("search", { ...first, terms: [], ...asked }), "found");
        for (const { tasks } of [page, found]) {
          const errors = tasks.map(({ id, pastAttempts }) => [id === waiting, pastAttempts?.map(({ error }) => error)]);
          const isAsked = asked.pastAttempts === true;
          expect(errors).toEqual([
            [false, isAsked ? ["no stock"] : undefined],
            [true, isAsked ? [] : undefined],
          ]);
        }
      }
    });

    test("a nacked attempt is remembered with its wait, its claimant, its times and its error, over a restart", async () => {
      const queue = await open();
      const id = await enqueueOne(queue);
      const readyAt = queue.now();
      queue.advance(30);
      const held = await claimOne(queue, { claimant: "worker-1" });
      queue.advance(200);
      await nack(queue, held, { error: "no stock", delayMs: 1_000 });
      const first = {
        attempt: 1,
        readyAt,
        claimedAt: readyAt + 30,
        claimant: "worker-1",
        endedAt: readyAt + 230,
        outcome: "failed",
        error: "no stock",
      };
      expect(await attempts(queue, id)).toEqual([first]);
      queue.advance(1_500);
      await nack(queue, await claimOne(queue), { error: "no answer", delayMs: 0 });
      const second = {
        attempt: 2,
        readyAt: readyAt + 1_230,
        claimedAt: readyAt + 1_730,
        claimant: null,
        endedAt: readyAt + 1_730,
        outcome: "failed",
        error: "no answer",
      };
      await queue.restart();
      expect(await attempts(queue, id)).toEqual([first, second]);
    });

    test("an expired attempt ended at its deadline, whenever that is found", async () => {
      const queue = await open();
      const id = await enqueueOne(queue, { priority: 1 });
      const claimedAt = queue.now();
      await claimOne(queue, { claimTimeoutMs: 5_000 });
      queue.advance(60_000);
      await queue.sweep();
      expect(await attempts(queue, id)).toMatchObject([
        { attempt: 1, claimedAt, endedAt: claimedAt + 5_000, outcome: "expired", error: "claim expired" },
      ]);
    });

    test("snoozed and released attempts are remembered and not counted", async () => {
      const queue = await open();
      const id = await enqueueOne(queue);
      await nack(queue, await claimOne(queue), { snooze: true, delayMs: 0 });
      await nack(queue, await claimOne(queue), { release: true });
      await claimOne(queue, { claimant: "stuck" });
      await queue.operate("releaseTask", { id });
      expect((await attempts(queue, id)).map(({ attempt, outcome }) => [attempt, outcome])).toEqual([
        [1, "snoozed"],
        [1, "released"],
        [1, "released"],
      ]);
      expect(await get(queue, id)).toMatchObject({ attempts: 0, state: "ready" });
    });

    test("a task that dies here remembers its last attempt too, and goes on remembering when it is redriven", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 1 });
      const own = await enqueueOne(queue, { id: "order-1" });
      const [ofRun] = await enqueue(queue, task(1), task(2));
      for (const held of await claim(queue, { max: 3 })) await nack(queue, held, { error: "never" });
      for (const id of [own, ofRun?.id ?? ""]) {
        expect(await get(queue, id)).toMatchObject({
          state: "dead",
          pastAttempts: [{ outcome: "failed", error: "never" }],
        });
      }
      await queue.operate("redrive", { limit: 10 });
      for (const held of await claim(queue, { max: 3 })) await nack(queue, held, { error: "again" });
      for (const id of [own, ofRun?.id ?? ""]) {
        expect((await attempts(queue, id)).map(({ attempt, error }) => [attempt, error])).toEqual([
          [1, "never"],
          [1, "again"],
        ]);
      }
    });

    test("an ordered task that waits in its place was ready when its retry was due", async () => {
      const queue = await open();
      await configure(queue, { keys: { order: "fifo" } });
      const id = await enqueueOne(queue, { key: "a" });
      const start = queue.now();
      await nack(queue, await claimOne(queue), { delayMs: 1_000 });
      queue.advance(1_400);
      await nack(queue, await claimOne(queue), { delayMs: 0 });
      expect(
        (await attempts(queue, id)).map(({ readyAt, claimedAt }) => [readyAt - start, (claimedAt ?? 0) - start]),
      ).toEqual([
        [0, 0],
        [1_000, 1_400],
      ]);
    });

    test("an attempt that a modify ends by having the task begin again is remembered as acked", async () => {
      const queue = await open();
      const own = await enqueueOne(queue, { priority: 1 });
      const plain = await enqueueOne(queue);
      for (const held of await claim(queue, { max: 2 })) {
        const change = [{ task: { claim: ref(held.claim) }, change: { payload: `"next step"` } }];
        expectKind(await queue.operate("modify", { insert: [], change, delete: [], depend: [] }), "modified");
      }
      for (const id of [own, plain]) {
        expect(await get(queue, id)).toMatchObject({ attempts: 0, pastAttempts: [{ attempt: 1, outcome: "acked" }] });
      }
    });

    test("the last 16 are remembered, the oldest left out", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: null });
      const id = await enqueueOne(queue);
      for (let attempt = 1; attempt <= LIMITS.pastAttempts + 2; attempt += 1) {
        await nack(queue, await claimOne(queue), { delayMs: 0, error: `error ${attempt}` });
        const past = await attempts(queue, id);
        expect(past).toHaveLength(Math.min(attempt, LIMITS.pastAttempts));
        expect(past.at(-1)).toMatchObject({ attempt, error: `error ${attempt}` });
      }
      expect((await attempts(queue, id))[0]).toMatchObject({ attempt: 3, error: "error 3" });
    });

    test("an error is cut where it is remembered, never within a character, and is whole in the task", async () => {
      const queue = await open();
      const id = await enqueueOne(queue);
      const error = `${"x".repeat(LIMITS.attemptErrorLength - 1)}\u{1f600}${"\u0000'\"\\".repeat(20)}`;
      await nack(queue, await claimOne(queue, { claimant: 'a "quoted" \\ name' }), { error, delayMs: 0 });
      const cut = `${"x".repeat(LIMITS.attemptErrorLength - 1)}\ufffd`;
      expect(await get(queue, id)).toMatchObject({
        error,
        pastAttempts: [{ error: cut, claimant: 'a "quoted" \\ name' }],
      });
    });

    test("a page leaves them out, and says since when a task is claimed", async () => {
      const queue = await open();
      await enqueueOne(queue);
      await nack(queue, await claimOne(queue), { delayMs: 0 });
      const claimedAt = queue.now();
      await claimOne(queue);
      const [shown] = await browseAll(queue);
      expect(shown).toMatchObject({ attempts: 2, claimedAt });
      expect(shown).not.toHaveProperty("pastAttempts");
    });

    test("a task at which no attempt has ended remembers none, and neither does a new one with the id of one that is done", async () => {
      const queue = await open();
      await configure(queue, { dedupeMs: 1_000 });
      const id = await enqueueOne(queue, { id: "order-1" });
      expect(await attempts(queue, id)).toEqual([]);
      await nack(queue, await claimOne(queue), { delayMs: 0 });
      await ack(queue, await claimOne(queue));
      queue.advance(1_001);
      await enqueueOne(queue, { id: "order-1" });
      expect(await attempts(queue, id)).toEqual([]);
      expect(await stats(queue)).toMatchObject({ ready: 1 });
    });

    test("a change leaves them as they are", async () => {
      const queue = await open();
      const id = await enqueueOne(queue, { id: "order-1" });
      await nack(queue, await claimOne(queue), { delayMs: 0, error: "no stock" });
      for (const change of [{ payload: `"y"` }, { lane: "side" }]) {
        const { version } = await get(queue, id);
        const changed = expectKind(await queue.operate("changeTask", { id, version, change }), "task");
        expect(changed.task.pastAttempts).toMatchObject([{ error: "no stock" }]);
      }
    });
  });
}
