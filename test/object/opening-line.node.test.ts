// Queues that were not called lately are called one after the other; those in use are called at once.

import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { OpeningLine } from "../../src/object/opening-line.ts";
import { ManualClock } from "../node/manual-clock.ts";

/** A line, and which queues have been called. */
class Calls {
  readonly clock = new ManualClock();
  readonly line = new OpeningLine(this.clock);
  readonly called: string[] = [];
  readonly refusals: unknown[] = [];

  async call(name: string): Promise<void> {
    const refusal = await this.line.opened(name);
    if (refusal === null) this.called.push(name);
    else this.refusals.push(refusal);
  }

  /** All at once. */
  callEach(...names: readonly string[]): void {
    for (const name of names) void this.call(name);
  }
}

const numbered = (count: number): string[] => Array.from({ length: count }, (_, index) => `queue-${index}`);

test("of queues that are called at once one begins, and each other after a pause, in order", async () => {
  const calls = new Calls();
  calls.callEach(...numbered(50));
  await calls.clock.advance(0);
  expect(calls.called).toEqual(["queue-0"]);
  let most = 0;
  while (calls.called.length < 50) {
    const before = calls.called.length;
    await calls.clock.advance(1);
    most = Math.max(most, calls.called.length - before);
  }
  expect(most).toBe(1);
  expect(calls.called).toEqual(numbered(50));
});

test("a queue in use is called at once while others wait, as often as anybody likes", async () => {
  const calls = new Calls();
  expect(calls.line.isOpen("in-use")).toBe(true);
  await calls.clock.advance(1);
  calls.callEach(...numbered(LIMITS.queuesInLine + 5));
  expect(calls.line.isOpen("in-use")).toBe(true);
  calls.callEach("in-use", "in-use");
  await calls.clock.advance(0);
  expect(calls.called.filter((name) => name === "in-use")).toHaveLength(2);
});

test("all who call one queue begin with the first of them", async () => {
  const calls = new Calls();
  calls.callEach("first", "second", "third", ...Array.from({ length: 500 }, () => "second"));
  await calls.clock.advance(500);
  expect(calls.refusals).toEqual([]);
  expect(calls.called).toHaveLength(503);
});

test("beyond those that may wait a queue is refused, with when to come again", async () => {
  const calls = new Calls();
  calls.callEach(...numbered(LIMITS.queuesInLine + 3));
  await calls.clock.advance(0);
  const refusal = { kind: "overloaded", reason: `${LIMITS.queuesInLine} other queues are being opened` };
  expect(calls.refusals).toEqual([
    { ...refusal, retryAfterMs: 1_000 },
    { ...refusal, retryAfterMs: 1_000 },
  ]);
  const message = calls.line.openedAtLast("message");
  await calls.clock.advance(2_000);
  await message;
  expect(calls.called).toHaveLength(LIMITS.queuesInLine + 1);
});

test("messages to any number of queues leave half of the line to those who wait for an answer", async () => {
  const calls = new Calls();
  const messages = numbered(2 * LIMITS.queuesInLine).map((name) => calls.line.openedAtLast(`to-${name}`));
  await calls.clock.advance(0);
  calls.callEach(...numbered(LIMITS.queuesInLine / 2));
  await calls.clock.advance(20_000);
  expect(calls.refusals).toEqual([]);
  await Promise.all(messages);
});

test("a queue that was not called for a while waits again, and one that was called meanwhile does not", async () => {
  const calls = new Calls();
  calls.callEach("left", "kept");
  await calls.clock.advance(10);
  for (let passed = 0; passed < 2 * LIMITS.openQueuesMs; passed += 1_000) {
    await calls.clock.advance(1_000);
    expect(calls.line.isOpen("kept")).toBe(true);
  }
  expect(calls.line.isOpen("new")).toBe(true);
  expect(calls.line.isOpen("kept")).toBe(true);
  expect(calls.line.isOpen("left")).toBe(false);
  calls.callEach("left");
  await calls.clock.advance(1);
  expect(calls.called).toEqual(["left", "kept", "left"]);
});

test("those that were called long ago are forgotten, however long nobody called since", async () => {
  const calls = new Calls();
  calls.callEach("left", "other");
  await calls.clock.advance(3_600_000);
  expect(calls.line.isOpen("left")).toBe(true);
  expect(calls.line.isOpen("other")).toBe(false);
});

test("the line goes on when the first of it was called off", async () => {
  const calls = new Calls();
  const { clock } = calls;
  const sleep = clock.sleep.bind(clock);
  clock.sleep = () => new Promise(() => {});
  calls.callEach("called", "called-off");
  await clock.advance(0);
  clock.sleep = sleep;
  calls.callEach("next", "last");
  await clock.advance(10_000);
  expect(calls.called).toEqual(["called", "next", "last"]);
});

test("a clock that stands still holds nobody up", async () => {
  const calls = new Calls();
  const at = calls.clock.now();
  calls.clock.now = () => at;
  calls.callEach("first", "second", "third");
  await calls.clock.advance(10);
  expect(calls.called).toEqual(["first", "second", "third"]);
});
