// When an isolate has too much to do, as told by its timers: the time is given, nothing is waited for.

import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { Admission } from "../../src/http/admission.ts";
import { Lag } from "../../src/http/lag.ts";

/** A timer that fires when the test says so, which may be long after it was due. */
class LateTimer {
  #now = 5_000;
  #fire: (() => void) | null = null;
  set = 0;

  now(): number {
    return this.#now;
  }

  wait(): Promise<void> {
    this.set += 1;
    return new Promise((resolve) => (this.#fire = resolve));
  }

  pass(ms: number): void {
    this.#now += ms;
  }

  async fireAfter(ms: number): Promise<void> {
    this.pass(ms);
    this.#fire?.();
    await Promise.resolve();
    await Promise.resolve();
  }
}

/** Each number is how late one timer fires after the other; what is told when the last has fired. */
async function overloadAfter(...lateMs: number[]): Promise<number> {
  const timer = new LateTimer();
  const lag = new Lag(timer);
  for (const late of lateMs) {
    void lag.look();
    await timer.fireAfter(10 + late);
  }
  return lag.overloadMs();
}

/** An isolate that has so many requests under way, and is late. */
async function lateWith(requests: number): Promise<{ admission: Admission; timer: LateTimer; ends: (() => void)[] }> {
  const timer = new LateTimer();
  const admission = new Admission(timer);
  const ends = Array.from({ length: requests }, () => admission.enter("busy", "enqueue"));
  for (const lateMs of [100, 100, 100]) {
    void admission.look();
    await timer.fireAfter(10 + lateMs);
  }
  return { admission, timer, ends };
}

describe("the isolate has too much to do", () => {
  test("when three timers in a row were late, 200 ms and more", async () => {
    expect(await overloadAfter(60, 60, 50)).toBe(50);
    expect(await overloadAfter(60, 60, 49)).toBe(0);
    expect(await overloadAfter(300, 60, 70)).toBe(70);
    expect(await overloadAfter(60, 60)).toBe(0);
    expect(await overloadAfter(56, 56, 57)).toBe(0);
    expect(await overloadAfter(56, 57, 57)).toBe(57);
  });

  test("not for one long pass, or two: a query, a collection of garbage, a burst, a debugger", async () => {
    expect(await overloadAfter(500)).toBe(0);
    expect(await overloadAfter(60_000)).toBe(0);
    expect(await overloadAfter(500, 200)).toBe(0);
    expect(await overloadAfter(500, 200, 0, 500, 200)).toBe(0);
  });

  test("until a timer fires in time", async () => {
    expect(await overloadAfter(90, 90, 90, 90)).toBe(90);
    expect(await overloadAfter(90, 90, 90, 90, 20)).toBe(0);
  });

  test("also by the timer that has not fired yet", async () => {
    const timer = new LateTimer();
    const lag = new Lag(timer);
    for (const late of [90, 90]) {
      void lag.look();
      await timer.fireAfter(10 + late);
    }
    void lag.look();
    timer.pass(59);
    expect(lag.overloadMs()).toBe(0);
    timer.pass(1);
    expect(lag.overloadMs()).toBe(90);
    timer.pass(400);
    expect(lag.overloadMs()).toBe(450);
  });

  test("at the first long pass already, when more has come than is taken on at once", async () => {
    const timer = new LateTimer();
    const lag = new Lag(timer);
    void lag.look();
    timer.pass(59);
    lag.full();
    expect(lag.overloadMs()).toBe(0);
    timer.pass(1);
    lag.full();
    expect(lag.overloadMs()).toBe(50);
    await timer.fireAfter(10);
    expect(lag.overloadMs()).toBe(60);
    void lag.look();
    await timer.fireAfter(10);
    expect(lag.overloadMs()).toBe(0);
  });

  test("not by what was seen long before", async () => {
    const timer = new LateTimer();
    const lag = new Lag(timer);
    for (const late of [90, 90, 90]) {
      void lag.look();
      await timer.fireAfter(10 + late);
    }
    timer.pass(1_001);
    void lag.look();
    expect(lag.overloadMs()).toBe(0);
  });
});

test("one timer is set at a time, and one that was lost is set anew", async () => {
  const timer = new LateTimer();
  const lag = new Lag(timer);
  void lag.look();
  expect(lag.look()).toBeNull();
  timer.pass(9_999);
  expect(lag.look()).toBeNull();
  timer.pass(1);
  void lag.look();
  expect(timer.set).toBe(2);
  await timer.fireAfter(10);
  void lag.look();
  expect(timer.set).toBe(3);
});

describe("an isolate with too much to do", () => {
  const half = LIMITS.queueRequestsUnderWay / 2;

  test("takes on half of what it else does", async () => {
    const { admission } = await lateWith(half - 1);
    expect(admission.isLate()).toBe(true);
    admission.enter("busy", "enqueue");
    expect(() => admission.enter("busy", "claim")).toThrow("requests wait for 100 ms");
    for (let others = half; others < LIMITS.requestsUnderWay / 2; others += 1) admission.enter("quiet", "enqueue");
    expect(() => admission.enter("third", "enqueue")).toThrow("requests wait for 100 ms");
  });

  test("refuses what ends work only at the whole bound", async () => {
    const { admission } = await lateWith(half);
    for (const operation of ["ack", "nack", "extend", "settle", "configure"]) admission.enter("busy", operation);
    expect(() => admission.enter("busy", "enqueue")).toThrow("requests wait");
    for (let here = half + 5; here < LIMITS.queueRequestsUnderWay; here += 1) admission.enter("busy", "ack");
    expect(() => admission.enter("busy", "ack")).toThrow("for this queue");
  });

  test("refuses no more than a thousand and a quarter as many as it takes on, lest refusals keep the work from being done", async () => {
    const { admission } = await lateWith(half);
    for (let refused = 0; refused < LIMITS.requestsUnderWay; refused += 1)
      expect(() => admission.enter("busy", "enqueue")).toThrow("requests wait");
    for (let taken = 0; taken < 4; taken += 1) admission.enter("busy", "enqueue");
    expect(() => admission.enter("busy", "enqueue")).toThrow("requests wait");
    admission.enter("busy", "enqueue");
  });

  test("takes on all again as soon as a timer fires in time", async () => {
    const { admission, timer } = await lateWith(half);
    expect(() => admission.enter("busy", "enqueue")).toThrow("requests wait");
    void admission.look();
    await timer.fireAfter(10);
    admission.enter("busy", "enqueue");
    expect(admission.isLate()).toBe(false);
  });

  test("is looked at only with many requests under way", async () => {
    const { timer } = await lateWith(63);
    expect(timer.set).toBe(0);
    expect((await lateWith(64)).timer.set).toBe(3);
  });
});
