// What a number was used for, told in 32 bits: what differs anywhere is told apart, also where only the ends of texts differ.

import { fc } from "../../random/fc.ts";
import { expect, test } from "vitest";
import { fingerprintOf, fingerprintOfPlain } from "../../../src/queue/producers/fingerprint.ts";

test("calls that differ in one character, one length, one name or one boundary are distinguished", () => {
  const calls: unknown[] = [
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    ["abc", ""],
    ["", "abc"],
    [["abc"]],
    ["abd"],
    ["bbc"],
    ["abc\u0000"],
    { abc: "" },
    { ab: "c" },
    { a: "b", c: "d" },
    { a: "b", d: "c" },
    [1, 23],
    [12, 3],
    [null],
    [],
    new Uint8Array([1, 2]),
    new Uint8Array([2, 1]),
    new Uint8Array([1, 2, 0]),
  ];
  expect(new Set(calls.map(fingerprintOf)).size).toBe(calls.length);
});

test("calls of plain tasks that differ in one character, one length, one boundary or in order are distinguished", () => {
  const calls = [
    [],
    ["0"],
    ["00"],
    ["0", "0"],
    ["0", "0", "0"],
    ["1"],
    ["01"],
    ["0", "1"],
    ["1", "0"],
    ["ab", "c"],
    ["a", "bc"],
    ["abc"],
    ["abd"],
    ["bbc"],
    ["acb"],
    ["ä€c"],
  ];
  const told = calls.map((payloads) => fingerprintOfPlain(payloads.map((payload) => ({ payload }))));
  expect(new Set(told).size).toBe(calls.length);
});

test.each([
  ["of any tasks", fingerprintOf],
  ["of plain tasks", fingerprintOfPlain],
])(
  "%s, of a hundred thousand payloads that hardly differ about as few share a fingerprint as chance has it",
  (_, told) => {
    const seen = new Set(Array.from({ length: 100_000 }, (_each, n) => told([{ payload: `{"order":${n},"of":"x"}` }])));
    // By chance 1.2; ten would be a fault of the hash.
    expect(100_000 - seen.size).toBeLessThan(10);
  },
);

test("the same call has the same fingerprint", () => {
  fc.assert(fc.property(fc.jsonValue(), (value) => fingerprintOf(value) === fingerprintOf(structuredClone(value))));
});

test("a call has the fingerprint by which it is remembered already", () => {
  const stored: readonly (readonly [tasks: unknown, fingerprint: number])[] = [
    [[{ payload: '{"n":1}' }, { payload: "" }, { payload: "äöü€" }], 1_087_266_417],
    [[{ payload: '"x"', delayMs: 5 }, { payload: '"x"' }], 2_629_892_780],
    [[{ payload: new Uint8Array([1, 2]) }], 361_232_791],
    [[{ headers: { a: "b" }, payload: "1" }], 3_572_998_103],
  ];
  for (const [tasks, fingerprint] of stored) expect(fingerprintOf(tasks)).toBe(fingerprint);
  expect(fingerprintOfPlain([{ payload: '{"n":1}' }, { payload: "äöü€" }])).toBe(2_195_071_011);
});
