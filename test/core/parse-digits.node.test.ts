// Texts of digits that fall into one place of V8's table of texts. What the parser is handed is looked at, not how long it takes.

import { describe, expect, test, vi } from "vitest";
import { parsed } from "../../src/api/invalid.ts";
import { parseJson } from "../../src/api/json.ts";
import { mayBeDigits, parseDigits } from "../../src/core/parse-digits.ts";

const SHORT_DIGITS = /(?<!\\)"\d{5,10}"(?!\s*:)/;

function listOf(count: number, of: (index: number) => number | string): string {
  return JSON.stringify({ list: Array.from({ length: count }, (_each, index) => String(of(index))) });
}

/** What is made of a text, and whether the parser was handed texts of digits that it would keep. */
function parse(text: string, by: (text: string) => unknown = parseJson): { value: unknown; areKept: boolean } {
  const parser = vi.spyOn(JSON, "parse");
  try {
    const result = parsed(() => by(text));
    const areKept = parser.mock.calls.some(([given]) => SHORT_DIGITS.test(given));
    return { value: result.kind === "parsed" ? result.value : result.kind, areKept };
  } finally {
    parser.mockRestore();
  }
}

describe("the parser is handed no texts of digits that fall into one place of its table", () => {
  test.each([
    ["multiples of 65,536", 60_000, (index: number) => index * 65_536],
    ["a few thousand of them, as many bodies in turn may hold", 5_000, (index: number) => (50_000 + index) * 65_536],
    ["multiples of 4,096", 100_000, (index: number) => index * 4_096],
    ["a few places, all of them full", 100_000, (index: number) => (index % 2_048) * 2 ** 21 + (index >> 11)],
    ["one of them, which earlier bodies have put far back", 100_000, () => 65_535 * 65_536],
  ])("%s", (_what, count, of) => {
    const text = listOf(count, of);
    const { value, areKept } = parse(text);
    expect(areKept).toBe(false);
    expect(JSON.stringify(value) === text).toBe(true);
  });
});

test.each([
  ["one after the other", 100_000, (index: number) => 1_000_000 + index],
  ["of no kind in particular", 100_000, (index: number) => (index * 2_654_435_761) % 2 ** 32],
  ["prices", 100_000, (index: number) => 10_000 + index * 10_000],
  ["beyond those that are hashed to their number", 100_000, (index: number) => 2 ** 32 + index * 65_536],
])("others are parsed as they are: %s", (_what, count, of) => {
  const text = listOf(count, of);
  const { value, areKept } = parse(text);
  expect(areKept).toBe(true);
  expect(JSON.stringify(value) === text).toBe(true);
});

function may(text: string): boolean {
  return mayBeDigits(`"${text}"`, 0, text.length + 1);
}

test("a text is looked through for them only if many of its strings may be such digits", () => {
  const crowded = listOf(60_000, (index) => index * 65_536);
  expect(parse(crowded, (text) => parseDigits(text, 1_000)).areKept).toBe(true);
  expect(parse(crowded, (text) => parseDigits(text, 1_001)).areKept).toBe(false);
  expect(["", "x", "1234", "12345678901", "2026-11-28", "note", "x12345"].filter(may)).toEqual([]);
  expect(["10000", "65536", "4294967294"].every(may)).toBe(true);
});

test("names, escapes and nested values stay as they are beside them", () => {
  const list = Array.from({ length: 2_000 }, () => "65536");
  const beside = {
    "65536": ["131072", { "196608": "262144" }],
    'x"12345': 'y"12345',
    "\\": "12345\\",
    __proto__: null,
  };
  const text = JSON.stringify({ list, beside, more: [[[]], null, 12_345, "", "1234567890123"] });
  const withOwn = text.replace('"beside":{', String.raw`"beside":{"__proto__" : {"a":"99999"},"78901" : "\"12345",`);
  const { value, areKept } = parse(withOwn);
  expect(areKept).toBe(false);
  expect(value).toEqual(JSON.parse(withOwn));
  expect(JSON.stringify(value)).toBe(JSON.stringify(JSON.parse(withOwn)));
});

test("a mistake beside them is reported without their digits", () => {
  const result = parsed(() => parseJson(`${listOf(2_000, () => 65_536)}]`));
  expect(result).toMatchObject({ kind: "invalid", allowed: expect.stringMatching(/^JSON \(of which nothing more/) });
});
