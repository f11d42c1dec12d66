// What is let in and what is refused, counted; and how fast one token's requests may come.

import { describe, expect, test } from "vitest";
import { OBJECT_PARTS, WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Admission } from "../../src/http/admission.ts";
import { HttpError } from "../../src/http/http-error.ts";
import { RequestRate } from "../../src/core/request-rate.ts";

/** @returns what ends each */
function enterMany(admission: Admission, queue: string, times: number): (() => void)[] {
  return Array.from({ length: times }, () => admission.enter(queue));
}

describe("requests under way", () => {
  test("one queue has its part, and others are let in beside it", () => {
    const admission = new Admission();
    enterMany(admission, "busy", LIMITS.queueRequestsUnderWay);
    expect(() => admission.enter("busy")).toThrow(HttpError);
    enterMany(admission, "quiet", LIMITS.requestsUnderWay - LIMITS.queueRequestsUnderWay);
    expect(() => admission.enter("third")).toThrow("requests are under way");
  });

  test("what has ended makes room, for its queue and for all", () => {
    const admission = new Admission();
    for (let round = 0; round < 3; round += 1) {
      const ends = enterMany(admission, "busy", LIMITS.queueRequestsUnderWay);
      expect(() => admission.enter("busy")).toThrow("for this queue");
      for (const end of ends) end();
    }
  });

  test("a claim that waits makes room when it begins to, and none when it ends", () => {
    const admission = new Admission();
    const [waits = (): void => {}] = enterMany(admission, "busy", LIMITS.queueRequestsUnderWay);
    waits();
    admission.enter("busy");
    waits();
    expect(() => admission.enter("busy")).toThrow("for this queue");
  });
});

test("bytes of bodies are held up to the bound, to the byte", () => {
  const admission = new Admission();
  admission.hold("bodies", WORKER_PARTS.bodies);
  expect(() => admission.hold("bodies", 1)).toThrow("bytes of bodies are held");
  admission.release("bodies", 1);
  admission.hold("bodies", 1);
});

test("bytes of answers are held up to the bound, to the byte, apart from those of bodies", () => {
  const admission = new Admission();
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
