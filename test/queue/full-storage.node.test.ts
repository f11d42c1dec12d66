// There is no room to write: what a queue with many claims does about it is bounded, however many calls wait.

import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { claim, enqueue, expectKind, task } from "../contract/builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

const CLAIM_CALLS = 30;
const CALLS = 200;
const PAYLOAD = `"${"x".repeat(100_000)}"`;

/** Counts how often what is in memory is read again, in all and in one event. */
class OpenedQueue extends MemoryQueue {
  opened = 0;
  mostInEvent = 0;

  protected override soon(turn: () => void): void {
    queueMicrotask(() => {
      const before = this.opened;
      turn();
      this.mostInEvent = Math.max(this.mostInEvent, this.opened - before);
    });
  }
}

let queue: OpenedQueue;
beforeEach(async () => {
  vi.spyOn(console, "error").mockImplementation(() => {});
  queue = new OpenedQueue();
  for (let call = 0; call < CLAIM_CALLS; call += 1) {
    await enqueue(queue, ...Array.from({ length: 100 }, (_, n) => task(n)));
    await claim(queue, { max: 100, claimTimeoutMs: 600_000 });
  }
  const all = queue.sql.all.bind(queue.sql);
  queue.sql.all = (statement, ...parameters) => {
    if (statement.endsWith("FROM claims ORDER BY slot")) queue.opened += 1;
    return all(statement, ...parameters);
  };
});
afterEach(() => void vi.restoreAllMocks());

function fill(): void {
  const [row] = queue.sql.all("PRAGMA page_count");
  queue.sql.run(`PRAGMA max_page_count = ${Number(row?.["page_count"])}`);
}

function makeRoom(): void {
  queue.sql.run("PRAGMA max_page_count = 1000000");
}

test("calls that find no room fail together, and the next are refused for a second", async () => {
  fill();
  const calls = Array.from({ length: CALLS }, () => queue.operate("enqueue", { tasks: [{ payload: PAYLOAD }] }));
  const found = queue.operate("browse", { limit: 1, after: 0 });
  const answers = await Promise.allSettled(calls);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: CALLS }, () => "rejected"));
  expect(answers.map((answer) => String((answer as PromiseRejectedResult).reason))).toContain(
    "Error: database or disk is full",
  );
  expectKind(await found, "page");
  expect([queue.opened, queue.mostInEvent]).toEqual([2, 1]);

  expectKind(await queue.operate("enqueue", { tasks: [{ payload: PAYLOAD }] }), "storage-full");
  expect(queue.opened).toBe(2);
  makeRoom();
  queue.advance(1_000);
  expectKind(await queue.operate("enqueue", { tasks: [{ payload: PAYLOAD }] }), "enqueued");
});

test("calls that fail for reasons of their own fail one in an event", async () => {
  const failing = Array.from({ length: 10 }, () =>
    queue.queue.run("failing", () => {
      throw new Error("a bug");
    }),
  );
  const fine = queue.queue.run("failing", () => "fine");
  const beside = enqueue(queue, task("beside"));
  const answers = await Promise.allSettled(failing);
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 10 }, () => "rejected"));
  expect([await fine, (await beside).length]).toEqual(["fine", 1]);
  expect([queue.opened, queue.mostInEvent]).toEqual([11, 1]);
});
