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

test("calls that follow one another are stored together, found each by itself, and leave one by one", () => {
  const window = new CallWindow();
  for (let number = 1; number <= 6; number += 1)
    window.take({ number, fingerprint: number * 7, answer: 1_000 + number * 10 });
  // Another key than the next: another turn's.
  window.take({ number: 7, fingerprint: 49, answer: 5_000 });
  window.take({ number: 8, fingerprint: 56, answer: [5_010, 4] });
  expect(window.text()).toBe("[[1,[7,14,21,28,35,42],1010,10],[7,49,5000],[8,56,[5010,4]]]");
  window.take({ number: 9, fingerprint: 63, answer: 6_000 }, 4);
  const read = new CallWindow(window.from, window.text());
  expect(read.highest).toBe(9);
  for (const each of [window, read]) {
    expect([3, 4, 6, 7, 8].map((number) => each.find(number))).toEqual([
      undefined,
      { number: 4, fingerprint: 28, answer: 1_040 },
      { number: 6, fingerprint: 42, answer: 1_060 },
      { number: 7, fingerprint: 49, answer: 5_000 },
      { number: 8, fingerprint: 56, answer: [5_010, 4] },
    ]);
  }
});

test("a call that was overtaken takes its place among the others", () => {
  const window = new CallWindow();
  for (const number of [2, 3, 5, 6, 1, 4]) window.take(call(number));
  expect([0, 1, 2, 3, 4, 5, 6, 7].map((number) => window.find(number)?.answer)).toEqual([
    undefined,
    10,
    20,
    30,
    40,
    50,
    60,
    undefined,
  ]);
  for (let number = 7; number <= LIMITS.producerCalls + 2; number += 1) window.take(call(number));
  expect([2, 3].map((number) => window.find(number)?.number)).toEqual([undefined, 3]);
});
