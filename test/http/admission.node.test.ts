// What is let in and what is refused, counted; and how fast one token's requests may come.

import { describe, expect, test } from "vitest";
import { OBJECT_PARTS, WORKER_PARTS } from "../../src/core/held-bytes.ts";
import { LIMITS } from "../../src/core/limits.ts";
import { Admission, overloadError } from "../../src/http/admission.ts";
import { RequestRate } from "../../src/core/request-rate.ts";
import { ReturnTimes } from "../../src/core/return-times.ts";

/** An isolate whose time the test moves. */
class Isolate {
  #now = 5_000;
  readonly admission = new Admission(() => this.#now);

  pass(ms: number): void {
    this.#now += ms;
  }

  /** @returns what ends each; throws at the first that is refused */
  enter(queue: string, times: number, operation = "enqueue"): (() => void)[] {
    return Array.from({ length: times }, () => {
      const entry = this.admission.enter(queue, operation);
      if (typeof entry === "function") return entry;
      throw overloadError(entry);
    });
  }

  /** One more comes, and ends at once if it is let in. */
  refuses(queue: string, operation: string): boolean {
    return this.refusedOf(queue, 1, operation) === 1;
  }

  /** @returns how many of so many are refused, one after the other; those that are let in end at once */
  refusedOf(queue: string, times: number, operation = "enqueue"): number {
    let refused = 0;
    for (let asked = 0; asked < times; asked += 1) {
      const entry = this.admission.enter(queue, operation);
      if (typeof entry === "function") entry();
      else refused += 1;
    }
    return refused;
  }
}

describe("requests under way", () => {
  const { requestsUnderWay, queueRequestsUnderWay, requestsOfWork, queueRequestsOfWork } = LIMITS;

  test("one queue has its part, and others are let in beside it", () => {
    const isolate = new Isolate();
    isolate.enter("busy", queueRequestsOfWork);
    isolate.enter("quiet", requestsOfWork - queueRequestsOfWork);
    expect(() => isolate.enter("third", 1)).toThrow("768 requests are under way, 0 of them for this queue");
    expect(() => isolate.enter("busy", 1)).toThrow("for this queue");
  });

  test("as many callers as a queue's part who each ask again when they are answered are never refused", () => {
    const isolate = new Isolate();
    const ends = isolate.enter("busy", queueRequestsOfWork);
    for (const end of ends) {
      isolate.pass(10);
      end();
      expect(isolate.refuses("busy", "claim")).toBe(false);
      isolate.enter("busy", 1);
    }
  });

  test("what has ended makes room, for its queue and for all", () => {
    const isolate = new Isolate();
    for (let round = 0; round < 3; round += 1) {
      const ends = isolate.enter("busy", queueRequestsOfWork);
      expect(() => isolate.enter("busy", 1)).toThrow("512 of them for this queue");
      for (const end of ends) end();
      isolate.pass(LIMITS.returnsWithinMs);
    }
  });

  test("a claim that waits makes room when it begins to, and none when it ends", () => {
    const isolate = new Isolate();
    const [waits = (): void => {}] = isolate.enter("busy", queueRequestsOfWork);
    waits();
    isolate.enter("busy", 1);
    waits();
    expect(isolate.refuses("busy", "enqueue")).toBe(true);
  });

  test("what ends work is refused only at the whole bound", () => {
    const isolate = new Isolate();
    isolate.enter("busy", queueRequestsOfWork);
    for (const operation of ["ack", "nack", "extend", "settle", "configure"]) isolate.enter("busy", 1, operation);
    expect(isolate.refuses("busy", "enqueue")).toBe(true);
    isolate.enter("busy", queueRequestsUnderWay - queueRequestsOfWork - 5, "ack");
    expect(isolate.refuses("busy", "ack")).toBe(true);
    isolate.enter("quiet", requestsUnderWay - queueRequestsUnderWay, "ack");
    expect(isolate.refuses("third", "ack")).toBe(true);
  });
});

describe("an isolate that was full", () => {
  const { requestsOfWork, queueRequestsOfWork, queueRequestsWhenOverloaded, returnsWithinMs } = LIMITS;

  /** It was full, and so many requests are left under way. */
  function wasFull(left: number): { isolate: Isolate; ends: (() => void)[] } {
    const isolate = new Isolate();
    const ends = isolate.enter("busy", queueRequestsOfWork);
    expect(isolate.refusedOf("busy", 1)).toBe(1);
    for (const end of ends.splice(left)) end();
    return { isolate, ends };
  }

  test("takes on as many as keep a queue busy, of others too", () => {
    const { isolate } = wasFull(queueRequestsWhenOverloaded - 1);
    isolate.enter("busy", 1);
    expect(isolate.refuses("busy", "claim")).toBe(true);
    expect(isolate.refuses("busy", "ack")).toBe(false);
    isolate.enter("quiet", queueRequestsWhenOverloaded);
    expect(isolate.refuses("quiet", "enqueue")).toBe(true);
  });

  test("lets others in beside what it is still doing", () => {
    const { isolate } = wasFull(queueRequestsOfWork);
    for (let others = 0; others < requestsOfWork - queueRequestsOfWork; others += 1) isolate.enter(`quiet${others}`, 1);
    expect(isolate.refuses("one more", "enqueue")).toBe(true);
  });

  test("takes on all again once those who were refused have come again, though it refuses some meanwhile", () => {
    const { isolate } = wasFull(queueRequestsWhenOverloaded);
    isolate.pass(returnsWithinMs - 1);
    expect(isolate.refusedOf("busy", 1)).toBe(1);
    isolate.pass(1);
    isolate.enter("busy", queueRequestsOfWork - queueRequestsWhenOverloaded);
    expect(isolate.refuses("busy", "enqueue")).toBe(true);
  });

  test("refuses four thousand before its whole bound, and then as many as it has callers come again, lest the work not get done", () => {
    const { isolate } = wasFull(queueRequestsWhenOverloaded);
    expect(isolate.refusedOf("busy", 20_000)).toBe(4_001);
    isolate.pass(20);
    expect(isolate.refusedOf("busy", 100)).toBe(20);
    isolate.enter("busy", LIMITS.queueRequestsUnderWay - queueRequestsWhenOverloaded);
    expect(isolate.refusedOf("busy", 100)).toBe(100);
  });
});

describe("when those who are refused may come again", () => {
  const at = 60_000;

  test("a thousand in each of the coming seconds, and nobody later than in ten", () => {
    const times = new ReturnTimes();
    const counts = new Map<number, number>();
    for (let asked = 0; asked < 12_000; asked += 1) {
      const seconds = times.next(at);
      counts.set(seconds, (counts.get(seconds) ?? 0) + 1);
    }
    const each = Array.from({ length: 9 }, (_, index) => [index + 1, index === 0 ? 1_001 : 1_000]);
    expect([...counts]).toEqual([...each, [10, 2_999]]);
  });

  test("half as many as were taken on in a second in which others were refused, and no fewer than 250", () => {
    const times = new ReturnTimes();
    const toldIn = (seconds: number, from: number): number => {
      let told = 0;
      while (times.next(from) <= seconds) told += 1;
      return told;
    };
    times.next(at);
    for (let taken = 0; taken < 3_000; taken += 1) times.takesOn();
    expect(toldIn(2, at + 1_000)).toBe(3_001);

    times.next(at + 100_000);
    for (let taken = 0; taken < 10; taken += 1) times.takesOn();
    expect(toldIn(4, at + 101_000)).toBe(1_001);
  });

  test("a few now and then come again after a second, and so do those who are refused once the others have come", () => {
    const times = new ReturnTimes();
    for (let asked = 0; asked < 5_000; asked += 1) times.next(at);
    expect([times.next(at + 2_000), times.next(at + 4_500), times.next(at + 5_000)]).toEqual([4, 1, 1]);
    expect([times.next(at + 60_000), times.next(at + 60_000)]).toEqual([1, 1]);
  });
});

test("bytes of bodies are held up to the bound, to the byte", () => {
  const admission = new Admission(() => 0);
  admission.hold("bodies", WORKER_PARTS.bodies);
  expect(() => admission.hold("bodies", 1)).toThrow("bytes of bodies are held");
  admission.release("bodies", 1);
  admission.hold("bodies", 1);
});

test("bytes of answers are held up to the bound, to the byte, apart from those of bodies", () => {
  const admission = new Admission(() => 0);
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
