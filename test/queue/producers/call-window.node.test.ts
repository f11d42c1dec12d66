// The calls of one producer that are remembered: which leave the window, and what is stored of them.

import { expect, test } from "vitest";
import { fc } from "../../random/fc.ts";
import { LIMITS } from "../../../src/core/limits.ts";
import { CallWindow, type CallAnswer } from "../../../src/queue/producers/call-window.ts";

const take = (window: CallWindow, number: number, answer: CallAnswer = number * 10, from?: number): void =>
  window.take(number, 7, answer, from);

const again = (window: CallWindow) => new CallWindow(window.from, window.text(), window.fingerprints());

test("is the same when it is read again", () => {
  const window = new CallWindow();
  take(window, 2);
  take(window, 4, [8, 9]);
  take(window, 3, { whole: [{ id: "a" }] });
  const read = again(window);
  expect(read.text()).toBe(window.text());
  for (const number of [1, 2, 3, 4, 5]) expect(read.find(number)).toEqual(window.find(number));
  expect(read.find(3)?.answer).toEqual({ whole: [{ id: "a" }] });
});

test("holds no more characters than its row may, and at least the last call", () => {
  const window = new CallWindow();
  const long = { whole: "x".repeat(LIMITS.producerBytes / 4) };
  for (const number of [1, 2, 3, 4]) take(window, number, long);
  expect([window.find(1), window.from]).toEqual([undefined, 2]);
  take(window, 5, { whole: "x".repeat(2 * LIMITS.producerBytes) });
  expect([window.find(4), window.from, window.find(5)?.number]).toEqual([undefined, 5, 5]);
});

test("a busy producer's row stays small when it says what it has been answered", () => {
  const window = new CallWindow();
  for (let number = 1; number <= 10_000; number += 1) take(window, number, 8_765_432_109_876_543, number);
  expect(window.text().length + window.fingerprints().length).toBeLessThan(50);
});

test("calls that follow one another are stored together, found each by itself, and leave one by one", () => {
  const window = new CallWindow();
  for (let number = 1; number <= 6; number += 1) window.take(number, number * 7, 1_000 + number * 10);
  // Another key than the next: another turn's.
  window.take(7, 49, 5_000);
  window.take(8, 56, [5_010, 4]);
  expect(window.text()).toBe("[[1,6,1010,10],[7,1,5000,0],[8,1,[5010,4],0]]");
  expect(window.fingerprints()).toHaveLength(8 * 4);
  window.take(9, 63, 6_000, 4);
  const read = again(window);
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
  for (const number of [2, 3, 5, 6, 1, 4]) take(window, number);
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
  for (let number = 7; number <= LIMITS.producerCalls + 2; number += 1) take(window, number);
  expect([2, 3].map((number) => window.find(number)?.number)).toEqual([undefined, 3]);
});

test("calls are remembered that schemas 4 to 12 have stored, and stay so when others follow", () => {
  const window = new CallWindow(2, "[[1,[7,4294967295,21],1010,10],[4,28,5000],[6,42,[5010,4]]]", null);
  take(window, 5);
  for (const each of [window, again(window)]) {
    expect([1, 2, 3, 4, 5, 6, 7].map((number) => each.find(number))).toEqual([
      undefined,
      { number: 2, fingerprint: 4_294_967_295, answer: 1_020 },
      { number: 3, fingerprint: 21, answer: 1_030 },
      { number: 4, fingerprint: 28, answer: 5_000 },
      { number: 5, fingerprint: 7, answer: 50 },
      { number: 6, fingerprint: 42, answer: [5_010, 4] },
      undefined,
    ]);
  }
});

test("each call has its own fingerprint, in whatever order calls come and leave", () => {
  const step = fc.record({ number: fc.integer({ min: 1, max: 600 }), below: fc.integer({ min: 0, max: 300 }) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 400 }), (steps) => {
      const expected = new Map<number, number>();
      let window = new CallWindow();
      for (const [index, { number, below }] of steps.entries()) {
        if (window.find(number) !== undefined || number < window.from) continue;
        const fingerprint = 0xffff_ffff - index;
        window.take(number, fingerprint, number * 10, Math.max(0, number - below));
        expected.set(number, fingerprint);
        for (const other of expected.keys()) if (other < window.from) expected.delete(other);
        if (index % 50 === 0) window = again(window);
      }
      for (const [number, fingerprint] of expected)
        expect(window.find(number)).toEqual({ number, fingerprint, answer: number * 10 });
      expect(window.fingerprints()).toHaveLength(4 * expected.size);
    }),
  );
});

test("an imported row that says more calls than it has fingerprints, or nonsense, is read no further than those", () => {
  const words = new Uint8Array(new Uint32Array([7, 14]).buffer);
  for (const count of [1e15, "many", -1, null, [2], {}]) {
    const window = new CallWindow(1, JSON.stringify([[1, count, 1_000, 10], ["x", 1, 2, 3], []]), words);
    expect(window.fingerprints().length).toBeLessThanOrEqual(8);
    expect(window.find(3)).toBeUndefined();
  }
});
