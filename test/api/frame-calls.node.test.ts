// What the calls of a frame may leave out, and that nothing which is no call is taken for one.

import { expect, test } from "vitest";
import { FrameCalls } from "../../src/api/frame-calls.ts";

const producer = "0123456789abcdef";

/** The calls of a frame's messages as they are completed. */
function completed(...calls: unknown[]): unknown[] {
  const frame = new FrameCalls();
  return calls.map((call) => {
    const message = structuredClone({ id: 1, op: "enqueue", body: { payload: 1, call } });
    frame.complete(message);
    return message.body.call;
  });
}

test("a call that says neither whose it is nor which is the next one of the call before it", () => {
  expect(completed({ producer, number: 7 }, {}, { from: 6 }, { producer, number: 2 }, {})).toEqual([
    { producer, number: 7 },
    { producer, number: 8 },
    { producer, number: 9, from: 6 },
    { producer, number: 2 },
    { producer, number: 3 },
  ]);
});

test("nothing is made of a call that has none before it, or says half of it", () => {
  const calls = [
    {},
    { producer },
    { number: 3 },
    { producer, number: 1 },
    { number: 3 },
    { producer },
    null,
    [],
    "1",
    1,
  ];
  expect(completed(...calls)).toEqual(calls);
});

test("what is said of one call is not taken for another's", () => {
  expect(completed({ producer, number: 7, from: 7, known: true }, {}).at(-1)).toEqual({ producer, number: 8 });
});

test.each([null, "text", 1, [], {}, { body: null }, { body: 1 }, { body: [] }, { body: {} }])(
  "%j has no call",
  (message) => {
    const frame = new FrameCalls();
    const before = structuredClone(message);
    frame.complete(message);
    expect(message).toEqual(before);
  },
);
