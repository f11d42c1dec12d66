// Many workers at once: every task done exactly once, every read-modify-write counted exactly once (P3, P5, P6). The
// numbers are those of EntroQ's own tests of its backends.

import { describe, expect, test } from "vitest";
import type { ModifyFailure } from "../../src/core/modify.ts";
import type { ClaimedTask } from "../../src/core/task.ts";
import { browseAll, claim, claimOne, configure, enqueue, nack, payloads, ref, task } from "./builders.ts";
import { getDocument, modify, modifyInput, put, type LooseModify } from "./modify-builders.ts";
import type { OpenQueue, QueueDriver } from "./queue-driver.ts";

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

/** Tries until it goes through; each try reads what it stands on anew. */
async function untilDone(queue: QueueDriver, next: () => Promise<LooseModify>): Promise<readonly ModifyFailure[][]> {
  const failures: ModifyFailure[][] = [];
  for (;;) {
    const outcome = await queue.operate("modify", modifyInput(await next()));
    if (outcome.kind === "modified") return failures;
    if (outcome.kind !== "dependency-failed") throw new Error(`unexpected: ${JSON.stringify(outcome)}`);
    failures.push([...outcome.failures]);
  }
}

export function concurrencyContract(open: OpenQueue): void {
  describe("many workers", () => {
    test("20 workers do 200 tasks, each exactly once", async () => {
      const queue = await open();
      await enqueue(queue, ...numbers(200).map((number) => task(number)));
      const done: number[] = [];
      const work = async (): Promise<void> => {
        for (;;) {
          const [held] = await claim(queue);
          if (held === undefined) return;
          await modify(queue, { delete: [{ task: { claim: ref(held.claim) } }] });
          done.push(Number(held.payload));
        }
      };
      await Promise.all(numbers(20).map(work));
      expect(done.toSorted((a, b) => a - b)).toEqual(numbers(200));
      expect(await browseAll(queue)).toEqual([]);
    });

    test("20 workers times 50 read-modify-writes of 10 documents sum to exactly 1,000", async () => {
      const queue = await open();
      for (const key of numbers(10)) await put(queue, `counter:${key}`, 0);
      let conflicts = 0;
      const work = async (worker: number): Promise<void> => {
        for (const round of numbers(50)) {
          const key = `counter:${(worker * 7 + round) % 10}`;
          const failures = await untilDone(queue, async () => {
            const { version, value } = await getDocument(queue, key);
            return { change: [{ document: { key, version }, value: String(Number(value) + 1) }] };
          });
          for (const failure of failures.flat()) expect(failure).toMatchObject({ reason: "stale", key });
          conflicts += failures.length;
        }
      };
      await Promise.all(numbers(20).map(work));
      let sum = 0;
      for (const key of numbers(10)) sum += Number((await getDocument(queue, `counter:${key}`)).value);
      expect(sum).toBe(1_000);
      // Without conflicts the test would show nothing.
      expect(conflicts).toBeGreaterThan(0);
    });

    test("10 workers times 30 mixed modifies of 10 tasks and 10 documents sum to exactly 300", async () => {
      const queue = await open();
      await enqueue(queue, ...numbers(10).map(() => task(0)));
      for (const key of numbers(10)) await put(queue, `counter:${key}`, 0);
      const work = async (worker: number): Promise<void> => {
        for (const round of numbers(30)) {
          const key = `counter:${(worker + round) % 10}`;
          const held = await heldTask(queue);
          await untilDone(queue, async () => {
            const { version, value } = await getDocument(queue, key);
            const change = { payload: String(Number(held.payload) + 1) };
            return {
              change: [
                { task: { claim: ref(held.claim) }, change },
                { document: { key, version }, value: String(Number(value) + 1) },
              ],
            };
          });
        }
      };
      await Promise.all(numbers(10).map(work));
      let inDocuments = 0;
      for (const key of numbers(10)) inDocuments += Number((await getDocument(queue, `counter:${key}`)).value);
      const inTasks = payloads(await browseAll(queue)).reduce<number>((sum, value) => sum + Number(value), 0);
      expect([inDocuments, inTasks]).toEqual([300, 300]);
    });

    test("a task that keeps failing is kept aside with its last error, the others are done", async () => {
      const queue = await open();
      await configure(queue, { maxAttempts: 3 });
      await enqueue(queue, ...numbers(10).map((number) => task(number)));
      let attempts = 0;
      for (let held = (await claim(queue))[0]; held !== undefined; held = (await claim(queue))[0]) {
        if (held.payload === "7") {
          attempts += 1;
          await nack(queue, held, { delayMs: 0, error: `attempt ${held.attempts} failed` });
        } else await modify(queue, { delete: [{ task: { claim: ref(held.claim) } }] });
      }
      expect(attempts).toBe(3);
      expect(await browseAll(queue)).toMatchObject([{ payload: "7", state: "dead", error: "attempt 3 failed" }]);
    });

    test("a claim that is renewed at half its time by modify outlives its timeout", async () => {
      const queue = await open();
      await enqueue(queue, task("long"));
      const held = await claimOne(queue, { claimTimeoutMs: 1_000 });
      for (const progress of numbers(10)) {
        queue.advance(500);
        await modify(queue, {
          change: [
            {
              task: { claim: ref(held.claim) },
              change: { payload: String(progress) },
              keepClaim: { claimTimeoutMs: 1_000 },
            },
          ],
        });
        expect(await claim(queue)).toEqual([]);
      }
      await modify(queue, { delete: [{ task: { claim: ref(held.claim) } }] });
      expect(await browseAll(queue)).toEqual([]);
    });
  });
}

/** One of the tasks: there are as many as workers, but another worker may hold the last for a moment. */
async function heldTask(queue: QueueDriver): Promise<ClaimedTask> {
  for (;;) {
    const [held] = await claim(queue);
    if (held !== undefined) return held;
  }
}
