// What is let in and what is refused, counted; and how fast one token's requests may come.

import { describe, expect, test } from "vitest";
import { OBJECT_PARTS, WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Admission } from "../../src/http/admission.ts";
import { HttpError } from "../../src/http/http-error.ts";
import { RequestRate } from "../../src/core/request-rate.ts";
import { ReturnTimes } from "../../src/http/return-times.ts";

/** What is set fires when it is due. */
const inTime = { now: () => performance.now(), wait: () => Promise.resolve() };

/** @returns what ends each */
function enterMany(admission: Admission, queue: string, times: number): (() => void)[] {
  return Array.from({ length: times }, () => admission.enter(queue, "enqueue"));
}

describe("requests under way", () => {
  test("one queue has its part, and others are let in beside it", () => {
    const admission = new Admission(inTime);
    enterMany(admission, "busy", LIMITS.queueRequestsUnderWay);
    expect(() => admission.enter("busy", "enqueue")).toThrow(HttpError);
    enterMany(admission, "quiet", LIMITS.requestsUnderWay - LIMITS.queueRequestsUnderWay);
    expect(() => admission.enter("third", "enqueue")).toThrow("requests are under way");
  });

  test("what has ended makes room, for its queue and for all", () => {
    const admission = new Admission(inTime);
    for (let round = 0; round < 3; round += 1) {
      const ends = enterMany(admission, "busy", LIMITS.queueRequestsUnderWay);
      expect(() => admission.enter("busy", "enqueue")).toThrow("for this queue");
      for (const end of ends) end();
    }
  });

  test("a claim that waits makes room when it begins to, and none when it ends", () => {
    const admission = new Admission(inTime);
    const [waits = (): void => {}] = enterMany(admission, "busy", LIMITS.queueRequestsUnderWay);
    waits();
    admission.enter("busy", "enqueue");
    waits();
    expect(() => admission.enter("busy", "enqueue")).toThrow("for this queue");
  });
});

describe("when those who are refused may come again", () => {
  const at = 1_800_000_000_000;

  test("a thousand in each of the coming seconds, and nobody later than in ten", () => {
    const times = new ReturnTimes();
    const counts = new Map<number, number>();
    for (let asked = 0; asked < 12_000; asked += 1) {
      const seconds = times.next(at, 0);
      counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
    }
    const each = Array.from({ length: 9 }, (_, index) => [index + 1, index === 0 ? 1_001 : 1_000]);
    expect([...counts]).toEqual([...each, [10, 2_999]]);
  });

  test("fewer the longer what has come waits: half as many when it is 200 ms", () => {
    const times = new ReturnTimes();
    const counts = new Map<number, number>();
    for (let asked = 0; asked < 2_000; asked += 1) {
      const seconds = times.next(at, 200);
      counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
    }
    expect([...counts]).toEqual([
      [1, 501],
      [2, 500],
      [3, 500],
      [4, 499],
    ]);
    expect(
      Array.from({ length: 400 }, () => times.next(at + 60_000, 600)).filter((seconds) => seconds === 1),
    ).toHaveLength(251);
  });

  test("a few now and then come again after a second, and so do those who are refused once the others have come", () => {
    const times = new ReturnTimes();
    for (let asked = 0; asked < 5_000; asked += 1) times.next(at, 0);
    expect([times.next(at + 2_000, 0), times.next(at + 4_500, 0), times.next(at + 5_000, 0)]).toEqual([3, 1, 1]);
    expect([times.next(at + 60_000, 0), times.next(at + 60_000, 0)]).toEqual([1, 1]);
  });

  test("a clock that is set back makes nobody wait for longer than ten seconds", () => {
    const times = new ReturnTimes();
    times.next(at, 0);
    expect(times.next(at - 3_600_000, 0)).toBe(10);
  });
});

test("bytes of bodies are held up to the bound, to the byte", () => {
  const admission = new Admission(inTime);
  admission.hold("bodies", WORKER_PARTS.bodies);
  expect(() => admission.hold("bodies", 1)).toThrow("bytes of bodies are held");
  admission.release("bodies", 1);
  admission.hold("bodies", 1);
});

test("bytes of answers are held up to the bound, to the byte, apart from those of bodies", () => {
  const admission = new Admission(inTime);
  admission.hold("bodies", WORKER_PARTS.bodies);
  admission.hold("answers", WORKER_PARTS.answers);
  expect(() => admission.hold("answers", 1)).toThrow("bytes of answers are held");
  admission.release("answers", 1);
  admission.hold("answers", 1);
});

test.each([OBJECT_PARTS, WORKER_PARTS])("the parts of who holds bytes are no more than the bound: %j", (parts) => {
  expect(Object.values(parts).reduce((sum, part) => sum + part, 0)).toBe(LIMITS.heldBytes);
});

describe("a token's rate", () => {
  test("lets a second's worth through at once, then one after each part of a second", () => {
    const rate = new RequestRate(4, 0);
    expect(Array.from({ length: 6 }, () => rate.take(0))).toEqual([0, 0, 0, 0, 250, 250]);
    expect([rate.take(249), rate.take(250), rate.take(250)]).toEqual([1, 0, 250]);
  });

  test("of less than one a second waits for seconds", () => {
    const rate = new RequestRate(0.5, 0);
    expect([rate.take(0), rate.take(0), rate.take(1_999), rate.take(2_000)]).toEqual([0, 2_000, 1, 0]);
  });

  test("more than a second's worth at once waits for a full second, and owes the rest", () => {
    const rate = new RequestRate(2, 0);
    expect([rate.take(0, 1), rate.take(0, 5), rate.take(500, 5)]).toEqual([0, 500, 0]);
    expect([rate.take(500), rate.take(2_499), rate.take(2_500)]).toEqual([2_000, 1, 0]);
  });

  test("never holds more than a second's worth, and a clock that steps back fills nothing", () => {
    const rate = new RequestRate(2, 1_000_000);
    expect([rate.take(9_000_000), rate.take(9_000_000), rate.take(9_000_000)]).toEqual([0, 0, 500]);
    expect([rate.take(0), rate.take(500)]).toEqual([500, 0]);
  });
});
