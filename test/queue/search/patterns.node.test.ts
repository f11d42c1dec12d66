// A pattern takes time by the length of the text alone, whatever it holds.

import { fc } from "../../random/fc.ts";
import { expect, test } from "vitest";
import { comparison, whole, within } from "../../../src/queue/search/patterns.ts";

test("stars stand for any characters, or none; case does not matter", () => {
  expect(["a*c", "*c", "a*", "*", "A*B*C", "abc"].map((pattern) => whole(pattern)("aBc"))).toEqual(Array(6).fill(true));
  expect(["b", "a*d", "abcd", "ab*bc"].map((pattern) => whole(pattern)("abc"))).toEqual(Array(4).fill(false));
  expect(["b", "a*c", ""].map((pattern) => within(pattern)("xabcx"))).toEqual([true, true, true]);
  expect(within("c*a")("abc")).toBe(false);
});

test("numbers are compared by their sign", () => {
  const found = ["3", ">2", ">=3", "<4", "<=3", ">3", "<3", "-3"].map((text) => comparison(text)(3));
  expect(found).toEqual([true, true, true, true, true, false, false, false]);
});

test("many stars over a text in which the last part is missing end at once, where trying all ways would take for ever", () => {
  expect(within(`${"a*".repeat(500)}b`)("a".repeat(100_000))).toBe(false);
});

const letters = (most: number) => fc.string({ unit: fc.constantFrom("a", "b"), maxLength: most });

test("a part is found where it first is, however often its beginnings come again", () => {
  fc.assert(
    fc.property(letters(12), letters(60), (piece, text) => {
      expect(within(`${piece}x`)(`${text}${piece}x`)).toBe(true);
      expect(within(piece)(text)).toBe(text.includes(piece));
      expect(whole(`*${piece}*${piece}`)(text)).toBe(
        text.includes(piece) && text.endsWith(piece) && text.indexOf(piece) + 2 * piece.length <= text.length,
      );
    }),
    { numRuns: 2_000 },
  );
});
