// JSON in, strictly: anything that a JavaScript parser would quietly change is refused, since it would come out of the queue
// different from how it went in. That is a number that a double does not hold, a name that is given twice, and half a
// surrogate pair. See RFC 7493, I-JSON.

import { LIMITS } from "../core/limits.ts";
import { mayBeDigits, parseDigits } from "../core/parse-digits.ts";
import { thousands } from "../core/thousands.ts";
import { Invalid } from "./invalid.ts";
import { hasMoreNames } from "./json-names.ts";
import { isKeptNumber } from "./json-number.ts";
import { refuseWhatChanges } from "./json-walk.ts";

/**
 * @param field what to call the text in an error
 * @throws {Invalid} naming the path of the value at fault, or `field` for the text as a whole
 */
export function parseJson(text: string, field = "body"): unknown {
  const { depth, values, names, digitTexts, isSuspect } = survey(text);
  if (values > LIMITS.jsonValues)
    throw new Invalid(field, "JSON of more values", `at most ${thousands(LIMITS.jsonValues)} values`);
  if (depth > LIMITS.jsonDepth)
    throw new Invalid(field, `JSON nested ${depth} deep`, `at most ${LIMITS.jsonDepth} levels`);
  if (names > LIMITS.jsonNames && hasMoreNames(text, LIMITS.jsonNames)) {
    const allowed = `at most ${thousands(LIMITS.jsonNames)} different names`;
    throw new Invalid(field, "JSON of more different names", allowed);
  }
  let value: unknown;
  try {
    value = parseDigits(text, digitTexts);
  } catch (error) {
    throw new Invalid(field, text, `JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  // Of a name given twice the parser keeps the last: then the value has fewer names than the text.
  if (isSuspect || (names > 1 && countNames(value) < names)) refuseWhatChanges(text, field);
  return value;
}

interface Survey {
  /** Counted by what opens and parts them; the survey ends soon after there are too many. */
  readonly values: number;
  readonly depth: number;
  /** Names in all objects together. */
  readonly names: number;
  /** Strings that may be digits of the kind that `parseDigits` looks for. */
  readonly digitTexts: number;
  /** Whether there is something that a walk of the text will name: a number that changes, or half a surrogate pair in escapes. */
  readonly isSuspect: boolean;
}

/** Every number of so many characters is exact in a double, or is a fraction. */
const PLAIN_LENGTH = 15;

/** One pass over the text; over the insides of strings, which are most of it, in one search each. */
function survey(text: string): Survey {
  let depth = 0;
  let deepest = 0;
  let values = 0;
  let names = 0;
  let digitTexts = 0;
  let isSuspect = false;
  let escape = text.indexOf("\\");
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === 0x22) {
      let end = text.indexOf('"', index + 1);
      while (escape !== -1 && escape < end) {
        const half = escapedHalf(text, escape);
        const isPair = half === "high" && escapedHalf(text, escape + 6) === "low";
        if (half !== null && !isPair) isSuspect = true;
        if (end === escape + 1) end = text.indexOf('"', end + 1);
        escape = text.indexOf("\\", escape + (isPair ? 12 : 2));
      }
      // Never closed: the parser will say so.
      if (end === -1) break;
      if (mayBeDigits(text, index, end)) digitTexts += 1;
      index = end;
    } else if ((code >= 0x30 && code <= 0x39) || code === 0x2d) {
      const start = index;
      let hasExponent = false;
      for (;;) {
        const next = text.charCodeAt(index + 1);
        if ((next | 0x20) === 0x65) hasExponent = true;
        else if (!((next >= 0x30 && next <= 0x39) || next === 0x2e || next === 0x2d || next === 0x2b)) break;
        index += 1;
      }
      const isPlain = !hasExponent && index - start < PLAIN_LENGTH && !(code === 0x2d && isZero(text, start + 1));
      if (!isPlain && !isSuspect) isSuspect = !isKeptNumber(text.slice(start, index + 1));
    } else if (code === 0x3a) names += 1;
    else if (code === 0x2c) values += 1;
    else if (code === 0x7b || code === 0x5b) {
      values += 1;
      if (values > LIMITS.jsonValues) break;
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return { depth: deepest, values, names, digitTexts, isSuspect };
}

/** Which half of a surrogate pair is escaped there, in letters of either case: `\ud8..` to `\udb..`, or `\udc..` to `\udf..`. */
function escapedHalf(text: string, at: number): "high" | "low" | null {
  if (text.charCodeAt(at) !== 0x5c || text.charCodeAt(at + 1) !== 0x75) return null;
  if ((text.charCodeAt(at + 2) | 0x20) !== 0x64) return null;
  const digit = text.charCodeAt(at + 3) | 0x20;
  if (digit === 0x38 || digit === 0x39 || digit === 0x61 || digit === 0x62) return "high";
  return digit >= 0x63 && digit <= 0x66 ? "low" : null;
}

function isZero(text: string, at: number): boolean {
  return text.charCodeAt(at) === 0x30;
}

function countNames(value: unknown): number {
  let count = 0;
  if (Array.isArray(value)) {
    for (const item of value) if (typeof item === "object" && item !== null) count += countNames(item);
  } else if (typeof value === "object" && value !== null) {
    const object = value as Readonly<Record<string, unknown>>;
    for (const name in object) {
      const member = object[name];
      count += typeof member === "object" && member !== null ? 1 + countNames(member) : 1;
    }
  }
  return count;
}
