// What is refused of JSON, held against a plain walk of the text and of its value: the parser itself looks at strings as wholes.

import fc from "fast-check";
import { expect, test } from "vitest";
import { LIMITS } from "../../src/core/limits.ts";
import { parsed } from "../../src/api/invalid.ts";
import { parseJson } from "../../src/api/json.ts";

/** As UTF-8 is decoded, so without half a pair. Pieces that make the scanning of strings, escapes, digits and depth trip over one another. */
const SOURCE = fc
  .array(
    fc.oneof(
      { weight: 6, arbitrary: fc.constantFrom('"', "\\", "{", "}", "[", "]", ",", ":", "u", "d800", "e", "1", " ") },
      {
        weight: 3,
        arbitrary: fc.constantFrom(
          '\\"',
          "\\\\",
          "\\ud800",
          "\\uD83D\\uDE00",
          '"a":',
          "1e999",
          "12345678901234567",
          "0.1",
          "é",
        ),
      },
    ),
    { maxLength: 24 },
  )
  .map((pieces) => pieces.join(""));

const VALUE = fc.jsonValue({ maxDepth: 6 }).map((value) => JSON.stringify(value));
const IN_STRING = SOURCE.map((text) => JSON.stringify({ text, [text]: [text] }));
const INTEGERS = fc
  .bigInt({ min: -(2n ** 80n), max: 2n ** 80n })
  .map((integer) => `{"n":[${integer}, -0, ${integer}]}`);

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function isWhole(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWhole(member));
}

/** Whether all integers of the text are what a double makes of them. */
function isExact(text: string): boolean {
  const outside = text.replaceAll(/"(?:[^"\\]|\\.)*"/gs, '""');
  return Array.from(outside.matchAll(/-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g), ([number]) => number)
    .filter((number) => /^-?\d+$/.test(number))
    .every((integer) => BigInt(Number(integer)) === BigInt(integer) || String(Number(integer)) === integer);
}

function isAccepted(text: string): boolean {
  try {
    const value: unknown = JSON.parse(text);
    return depthOf(value) <= LIMITS.jsonDepth && isWhole(value) && isExact(text);
  } catch {
    return false;
  }
}

test("what is accepted, and what is made of it, is as a walk of text and value says", () => {
  fc.assert(
    fc.property(fc.oneof(SOURCE, VALUE, IN_STRING, INTEGERS), (text) => {
      const result = parsed(() => parseJson(text));
      const value = result.kind === "parsed" ? { is: result.value } : "refused";
      expect(value).toEqual(isAccepted(text) ? { is: JSON.parse(text) } : "refused");
    }),
    { numRuns: 20_000 },
  );
});

test.each([
  ["a number that ends the text", "12345678901234567"],
  ["an integer behind a string with an escaped quote", String.raw`["a\"b\\",12345678901234567]`],
  ["a surrogate behind an escaped backslash", String.raw`["\\","\\\ud800"]`],
])("%s is refused", (_what, text) => {
  expect(parsed(() => parseJson(text)).kind).toBe("invalid");
});

test("a backslash and letters that are no escape are nothing special", () => {
  expect(parseJson(String.raw`["\\ud800"]`)).toEqual([String.raw`\ud800`]);
});
