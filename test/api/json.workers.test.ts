// What is refused of JSON, held against plain rules for its text and its value: the parser itself looks at strings as wholes, at
// most numbers by their length, and at names by their count. Run in workerd, as the parser is: `JSON.parse` of Node 24 and 26 gives an
// object another name than its text says, where an escape stands in the place of an earlier object's backslash
// (https://github.com/nodejs/node/issues/63785).

import { fc } from "../random/fc.ts";
import { describe, expect, test } from "vitest";
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
          "\\uDbFf",
          "\\udC00",
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

const digits = fc.oneof(
  fc.string({ unit: fc.nat(9).map(String), minLength: 1, maxLength: 25 }),
  fc.string({ unit: fc.constantFrom("0", "9"), minLength: 1, maxLength: 330 }),
);
const whole = digits.map((text) => text.replace(/^0+(?=\d)/, ""));
const exponent = fc.tuple(fc.constantFrom("e", "E"), fc.constantFrom("", "+", "-"), fc.integer({ min: 0, max: 330 }));
const NUMBER = fc
  .tuple(fc.constantFrom("", "-"), whole, fc.option(digits, { nil: null }), fc.option(exponent, { nil: null, freq: 2 }))
  .map(([sign, int, fraction, exp]) => sign + int + (fraction === null ? "" : `.${fraction}`) + (exp?.join("") ?? ""));
const DOUBLE = fc.double({ noNaN: true, noDefaultInfinity: true }).map(String);
const NUMBERS = fc.oneof(NUMBER, DOUBLE).map((number) => `{"n":[${number}, 1, ${number}]}`);

/** Objects with names from few, so that some come twice. */
const { object: NAMES } = fc.letrec<{ object: string; member: string }>((tie) => ({
  object: fc.array(tie("member"), { maxLength: 4 }).map((members) => `{${members.join(" , ")}}`),
  member: fc
    .tuple(
      fc.constantFrom("a", "b", "\\u0061", "__proto__", "a:b", ""),
      fc.oneof(
        { maxDepth: 3 },
        fc.constantFrom("1", '"a"', "[]"),
        tie("object"),
        tie("object").map((one) => `[${one}]`),
      ),
    )
    .map(([name, value]) => `"${name}" : ${value}`),
}));

function depthOf(value: unknown): number {
  if (typeof value !== "object" || value === null) return 0;
  return 1 + Math.max(0, ...Object.values(value).map(depthOf));
}

function isWhole(value: unknown): boolean {
  if (typeof value === "string") return value.isWellFormed();
  if (typeof value !== "object" || value === null) return true;
  return Object.entries(value).every(([name, member]) => name.isWellFormed() && isWhole(member));
}

/** A number of JSON as a fraction of integers. */
function fractionOf(text: string): readonly [bigint, bigint] {
  const [, sign, int = "", fraction = "", exp = "0"] = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/.exec(text) ?? [];
  const power = Number(exp) - fraction.length;
  const number = BigInt(int + fraction) * (sign === "-" ? -1n : 1n);
  return power >= 0 ? [number * 10n ** BigInt(power), 1n] : [number, 10n ** BigInt(-power)];
}

/** Whether a double keeps what the number says: exactly, or by its own shortest text; fractions to their last digits. */
function isKept(text: string): boolean {
  const double = Number(text);
  if (!Number.isFinite(double) || Object.is(double, -0)) return false;
  const [above, below] = fractionOf(text);
  const [shortAbove, shortBelow] = fractionOf(String(double));
  if (above * shortBelow === shortAbove * below) return true;
  if (above % below === 0n) return Number.isInteger(double) && BigInt(double) === above / below;
  return !Number.isInteger(double) && Math.abs(double) >= 2 ** -1022;
}

const TOKENS = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*|[{}[\]:,]/gs;

/** Whether no object of a text of JSON has a name twice: names are the strings before colons. */
function hasEachNameOnce(text: string): boolean {
  const tokens = text.match(TOKENS) ?? [];
  const open: Set<string>[] = [];
  for (const [index, token] of tokens.entries()) {
    if (token === "{" || token === "[") open.push(new Set());
    else if (token === "}" || token === "]") open.pop();
    else if (token.startsWith('"') && tokens[index + 1] === ":") {
      const name = JSON.parse(token) as string;
      if (open.at(-1)?.has(name) === true) return false;
      open.at(-1)?.add(name);
    }
  }
  return true;
}

function isAccepted(text: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return false;
  }
  const numbers = (text.match(TOKENS) ?? []).filter((token) => /^[-\d]/.test(token));
  return depthOf(value) <= LIMITS.jsonDepth && isWhole(value) && hasEachNameOnce(text) && numbers.every(isKept);
}

test("what is accepted, and what is made of it, is as plain rules for text and value say", () => {
  fc.assert(
    fc.property(fc.oneof(SOURCE, VALUE, IN_STRING, NUMBERS, NAMES), (text) => {
      const result = parsed(() => parseJson(text));
      const value = result.kind === "parsed" ? { is: result.value } : "refused";
      expect(value).toEqual(isAccepted(text) ? { is: JSON.parse(text) } : "refused");
    }),
    { numRuns: 20_000 },
  );
});

describe("what a parser would change is refused, by the path of its field", () => {
  test.each([
    ["a name given twice", `{"a":1,"a":1}`, "a", "twice"],
    ["a name given twice, once in escapes", String.raw`{"a":{"b":[{"c":1,"\u0063":2}]}}`, "a.b[0].c", "twice"],
    ["a name given twice in an object named body", `{"body":{"a":1,"a":2}}`, "body.a", "twice"],
    ["an integer of 17 digits", `{"a":[1,9007199254740993]}`, "a[1]", "9007199254740993"],
    ["the same with an exponent", `{"a":9007199254740993e0}`, "a", "9007199254740993e0"],
    ["the same with a fraction of nothing", `{"a":9007199254740993.0}`, "a", "9007199254740993.0"],
    ["the same in a smaller unit", `{"a":9007199254740.993e3}`, "a", "9007199254740.993e3"],
    ["a negative one", `{"a":-9007199254740993}`, "a", "-9007199254740993"],
    ["an integer of 301 digits", `{"a":1${"0".repeat(299)}1}`, "a", `1${"0".repeat(99)}... (301 characters)`],
    ["an integer of 308 digits", `{"a":1${"0".repeat(306)}1}`, "a", `1${"0".repeat(99)}... (308 characters)`],
    ["a fraction that becomes an integer", `{"a":0.99999999999999999999}`, "a", "0.99999999999999999999"],
    ["a fraction that becomes nothing", `{"a":1e-400}`, "a", "1e-400"],
    ["a fraction that loses its digits", `{"a":1.2345e-320}`, "a", "1.2345e-320"],
    ["negative zero", `{"a":{"b":-0}}`, "a.b", "-0"],
    ["negative zero as a fraction", `{"a":-0.0}`, "a", "-0.0"],
    ["negative zero with an exponent", `[-0e5]`, "body[0]", "-0e5"],
    ["a number past every double", `{"a":1e999}`, "a", "Infinity"],
    ["an integer at the end of the text", "12345678901234567", "body", "12345678901234567"],
    [
      "an integer after a string with an escaped quote",
      String.raw`["a\"b\\",12345678901234567]`,
      "body[1]",
      "12345678901234567",
    ],
    ["half a surrogate pair", String.raw`["\\","\\\ud800"]`, "body[1]", "\\\ufffd"],
    ["a name with half a surrogate pair", String.raw`{"a":{"\udc00":1}}`, "a", "\ufffd"],
  ])("%s", (_what, text, field, given) => {
    expect(parsed(() => parseJson(text))).toMatchObject({ kind: "invalid", field, given });
  });
});

test.each([
  ["1e23", 1e23],
  ["100000000000000000000000", 1e23],
  ["99999999999999991611392", 1e23],
  ["1.0", 1],
  ["1e2", 100],
  ["0.10000000000000001", 0.1],
  ["5e-324", 5e-324],
  ["0e999999999999", 0],
  ["123456789012345680", 123456789012345680],
])("%s is taken: its double says the same", (text, value) => {
  expect(parseJson(text)).toBe(value);
});

/** An array of objects with a thousand names each. */
function named(count: number, of: (index: number) => string): string {
  const objects = Array.from({ length: count / 1_000 }, (_row, row) => {
    const members = Array.from({ length: 1_000 }, (_each, at) => `"${of(row * 1_000 + at)}":{}`);
    return `{${members.join(",")}}`;
  });
  return `[${objects.join(",")}]`;
}

describe("different names", () => {
  test.each([
    ["of letters", (index: number) => `n${index}`],
    ["of digits, which V8 hashes to their numbers", (index: number) => String(index * 65_536)],
    ["that differ in their escapes alone", (index: number) => `${index}\\"`],
  ])("are as many as the limit says, and not one more: %s", (_what, of) => {
    const text = named(LIMITS.jsonNames, of);
    expect(parsed(() => parseJson(text)).kind).toBe("parsed");
    const allowed = "at most 100,000 different names";
    expect(parsed(() => parseJson(`[${text},{"another":1}]`))).toMatchObject({
      kind: "invalid",
      field: "body",
      allowed,
    });
  });

  test("are counted once each, in however many objects they come", () => {
    const text = named(3 * LIMITS.jsonNames, (index) => `n${index % 1_000}`);
    expect(parsed(() => parseJson(text)).kind).toBe("parsed");
  });
});

test("a backslash and letters that are no escape are nothing special", () => {
  expect(parseJson(String.raw`["\\ud800"]`)).toEqual([String.raw`\ud800`]);
});

test("a text of another name than body begins its paths with it", () => {
  expect(parsed(() => parseJson(`[{"a":-0}]`, "EDGEQ_CONSUMERS"))).toMatchObject({ field: "EDGEQ_CONSUMERS[0].a" });
});

test("a number of 16 million digits is refused", () => {
  expect(parsed(() => parseJson(`[${"9".repeat(16_000_000)}]`)).kind).toBe("invalid");
});
