// Which numbers of calls are taken, and that a call as the client makes it is looked at as closely as any other.

import { describe, expect, test } from "vitest";
import { OPERATIONS } from "../../src/api/operation-table.ts";
import { numberedBy, numberedCall } from "../../src/api/operations/numbered-call.ts";

const producer = "0123456789abcdef";

// Before any good name has come: nothing equals the last good one yet.
test.each(["", null, undefined])("no call is of the producer %j", (name) => {
  expect(() => numberedCall.parse({ producer: name, number: 1 }, "call")).toThrow(
    expect.objectContaining({ field: "call.producer" }),
  );
});

test.each([
  { producer, number: 1 },
  { producer, number: 7, from: 7 },
  { producer, number: Number.MAX_SAFE_INTEGER, from: 1 },
  { producer, number: 3, known: true },
])("%j is taken as it is", (call) => {
  expect(numberedCall.parse(call, "call")).toEqual(call);
});

describe("refused, with the name of what is wrong:", () => {
  test.each([
    ["call.number", { producer }],
    ["call.number", { producer, number: 0 }],
    ["call.number", { producer, number: 1.5 }],
    ["call.number", { producer, number: "1" }],
    ["call.from", { producer, number: 1, from: 0 }],
    ["call.from", { producer, number: 1, from: 2 }],
    ["call.from", { producer, number: 1, from: null }],
    ["call.producer", { producer: producer.toUpperCase(), number: 1 }],
    ["call.producer", { producer: `${producer}0`, number: 1 }],
    ["call.producer", { producer: [producer], number: 1 }],
    ["call.known", { producer, number: 1, known: 1 }],
    ["call.extra", { producer, number: 1, extra: 1 }],
    ["call", "1"],
    ["call", [producer, 1]],
  ])("%s of %j", (field, call) => {
    expect(() => numberedCall.parse(call, "call")).toThrow(expect.objectContaining({ field }));
  });
});

test("a call that is put into a quota leaves the sender's own object as it was sent", () => {
  const call = { producer: "00000000000000aa", number: 1 };
  const sent = { payload: 1, call };
  const input = numberedBy<"enqueue">(undefined, "shop", OPERATIONS.enqueue.parseFrame(sent));
  const beside = numberedBy<"enqueue">(call, "shop", OPERATIONS.enqueue.parseFrame({ payload: 1 }));
  for (const each of [input, beside]) expect(each.call).toEqual({ ...call, owner: "shop" });
  expect(sent).toEqual({ payload: 1, call: { producer: "00000000000000aa", number: 1 } });
});
