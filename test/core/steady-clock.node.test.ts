// A clock that may be set, by a day either way: the queue's time goes on.

import { expect, test } from "vitest";
import { SteadyClock } from "../../src/core/steady-clock.ts";

const DAY_MS = 86_400_000;
const START_AT = 1_800_000_000_000;

function clockAt(start: number) {
  const wall = { at: start };
  return { wall, clock: new SteadyClock(() => wall.at) };
}

test("a clock that is not set is the wall clock", () => {
  const { wall, clock } = clockAt(START_AT);
  for (const ms of [0, 1, 250, 60_000]) {
    wall.at += ms;
    expect(clock.now()).toBe(wall.at);
  }
});

test("set back by a day, what is due in ten seconds is due within twelve, and nothing is earlier than before", () => {
  const { wall, clock } = clockAt(START_AT);
  const due = clock.now() + 10_000;
  wall.at -= DAY_MS;
  let last = clock.now();
  expect(last).toBe(START_AT);
  for (let ms = 0; ms < 12_000; ms += 100) {
    wall.at += 100;
    const now = clock.now();
    expect(now).toBeGreaterThanOrEqual(last);
    last = now;
  }
  expect(last).toBeGreaterThanOrEqual(due);
});

test("set back by an hour, it is the wall clock again after ten", () => {
  const { wall, clock } = clockAt(START_AT);
  wall.at -= 3_600_000;
  for (let minutes = 0; minutes < 10 * 60; minutes += 1) {
    clock.now();
    wall.at += 60_000;
  }
  expect(clock.now()).toBe(wall.at);
});

test("set forward, it follows at once", () => {
  const { wall, clock } = clockAt(START_AT);
  wall.at += DAY_MS;
  expect(clock.now()).toBe(wall.at);
});

test("a new instance goes on from the last instant that is stored", () => {
  const { wall, clock } = clockAt(START_AT - DAY_MS);
  clock.passed(START_AT);
  expect(clock.now()).toBe(START_AT);
  wall.at += 10_000;
  expect(clock.now()).toBe(START_AT + 9_000);
});
