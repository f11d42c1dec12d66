// What sockets have unread: every healthy reader is served for ever, whoever else does not read, and the memory is bounded.

import { describe, expect, test } from "vitest";
import { OBJECT_PARTS, objectBytes, type ObjectBytes } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { isTight, Unread } from "../../src/object/unread.ts";

const FRAME = 65_536;
const GIB = 1_073_741_824;

let numbers = 0;
const counting = (): number => (numbers += 1) / 2 ** 48;

class Reader {
  readonly unread: Unread;
  received = 0;
  questions: number[] = [];

  constructor(held: ObjectBytes) {
    this.unread = new Unread(held, counting);
  }

  /** What an object does for one consumer in one turn. */
  push(now: number): boolean {
    if (!this.unread.isPushingHeld) {
      this.unread.sent(FRAME);
      this.received += FRAME;
    }
    const number = this.unread.ask(() => now);
    if (number !== null) this.questions.push(number);
    return !this.unread.isPushingHeld;
  }

  /** Answers all that it was asked. */
  answer(): void {
    for (const number of this.questions.splice(0)) this.unread.read(number);
  }
}

describe.each([48, 192, 400, 1_000])("%s readers in step", (count) => {
  test("move a gibibyte, each a good part of its share, within the bound", () => {
    const held = objectBytes();
    const readers = Array.from({ length: count }, () => new Reader(held));
    let most = 0;
    for (let turn = 0; readers.reduce((sum, { received }) => sum + received, 0) < GIB; turn += 1) {
      expect(turn).toBeLessThan(3 * (GIB / FRAME / count) + 100);
      // Those who were held back are first in line. All are pushed until nobody takes more; then all answer.
      readers.sort((one, other) => one.received - other.received);
      while (readers.filter((reader) => reader.push(turn)).length > 0);
      most = Math.max(most, held.unread.bytes);
      for (const reader of readers) reader.answer();
    }
    expect(most).toBeLessThanOrEqual(OBJECT_PARTS.unread);
    for (const { received } of readers) expect(received).toBeGreaterThan((0.4 * GIB) / count);
    expect(held.unread.bytes).toBeLessThan(count * LIMITS.syncBytes);
  });
});

test("while the budget is used up by those who do not read, one that does goes on, and they are given up", () => {
  const held = objectBytes();
  const silent = Array.from({ length: 60 }, () => new Reader(held));
  const healthy = new Reader(held);
  for (let turn = 0; turn < 100; turn += 1) for (const reader of silent) reader.push(0);
  expect(isTight(held)).toBe(true);
  for (let turn = 0; turn < 100; turn += 1) {
    healthy.push(1);
    healthy.answer();
  }
  expect(healthy.received).toBe(100 * FRAME);
  expect(silent.some(({ unread }) => unread.isGivenUp(9_999))).toBe(false);
  const givenUp = silent.filter(({ unread }) => unread.isGivenUp(10_000));
  expect(givenUp.length).toBeGreaterThan(40);
  expect(healthy.unread.isGivenUp(10_000)).toBe(false);
  for (const { unread } of givenUp) unread.end();
  expect(isTight(held)).toBe(false);
});

test("a socket that closes with requests under way leaves nothing behind", () => {
  const held = objectBytes();
  const reader = new Reader(held);
  reader.push(0);
  reader.unread.end();
  reader.unread.sent(16 * 1_048_576);
  expect(reader.unread.ask(() => 0)).toBeNull();
  expect(held.unread.bytes).toBe(0);
});

test("a number that was not asked for says nothing", () => {
  const held = objectBytes();
  const reader = new Reader(held);
  while (reader.push(0));
  const before = held.unread.bytes;
  for (const forged of [2 ** 53 - 1, 0, before, ...reader.questions.map((number) => number + 1_000_000)]) {
    reader.unread.read(forged);
  }
  expect(held.unread.bytes).toBe(before);
  reader.answer();
  expect(held.unread.bytes).toBe(0);
});

test("of a turn that failed nothing is counted, and its question is asked again", () => {
  const held = objectBytes();
  const reader = new Reader(held);
  const before = reader.unread.sentSoFar;
  while (reader.push(0));
  reader.unread.backTo(before);
  expect(held.unread.bytes).toBe(0);
  while (reader.push(0));
  expect(reader.questions.length).toBeGreaterThan(0);
});
