// The calls of one producer that are remembered: which leave the window, and what is stored of them.

import { expect, test } from "vitest";
import { LIMITS } from "../../../src/core/limits.ts";
import { CallWindow, type CallAnswer } from "../../../src/queue/producers/call-window.ts";

const call = (number: number, answer: CallAnswer = number * 10) => ({ number, fingerprint: 7, answer });

test("is the same when it is read again", () => {
  const window = new CallWindow();
  window.take(call(2));
  window.take(call(4, [8, 9]));
  window.take(call(3, { whole: [{ id: "a" }] }));
  const read = new CallWindow(window.from, window.text());
  expect(read.text()).toBe(window.text());
  for (const number of [1, 2, 3, 4, 5]) expect(read.find(number)).toEqual(window.find(number));
  expect(read.find(3)?.answer).toEqual({ whole: [{ id: "a" }] });
});

test("holds no more characters than its row may, and at least the last call", () => {
  const window = new CallWindow();
  const long = { whole: "x".repeat(LIMITS.producerBytes / 4) };
  for (const number of [1, 2, 3, 4]) window.take(call(number, long));
  expect([window.find(1), window.from]).toEqual([undefined, 2]);
  window.take(call(5, { whole: "x".repeat(2 * LIMITS.producerBytes) }));
  expect([window.find(4), window.from, window.find(5)?.number]).toEqual([undefined, 5, 5]);
});

test("a busy producer's row stays small when it says what it has been answered", () => {
  const window = new CallWindow();
  for (let number = 1; number <= 10_000; number += 1) window.take(call(number, 8_765_432_109_876_543), number);
  expect(window.text().length).toBeLessThan(50);
});
