// JSON in, strictly: what a JavaScript parser would quietly change (an integer or a range that a double does not hold, half
// a surrogate pair) is refused, since it would come out of the queue as something else than went in. See RFC 7493, I-JSON.

import { LIMITS } from "../core/limits.ts";
import { Invalid } from "./invalid.ts";

/** @param field what to call the text in an error */
export function parseJson(text: string, field = "body"): unknown {
  const { depth, isSuspect, inexact } = survey(text);
  if (depth > LIMITS.jsonDepth)
    throw new Invalid(field, `JSON nested ${depth} deep`, `at most ${LIMITS.jsonDepth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Invalid(field, text, `JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (isSuspect || inexact !== null) inspect(value, field, inexact);
  return value;
}

interface Survey {
  readonly depth: number;
  /** Whether it has what only a walk of its values can judge. */
  readonly isSuspect: boolean;
  /** The digits of an integer that a double rounds to another; null: there is none. */
  readonly inexact: string | null;
}

/** Every integer of so many digits is exact in a double. */
const EXACT_DIGITS = 15;
/** A number of fewer digits, without an exponent, is within the range of a double. */
const FINITE_DIGITS = 300;

/** One pass over the text; over the insides of strings, which are most of it, in one search each. */
function survey(text: string): Survey {
  let depth = 0;
  let deepest = 0;
  let isSuspect = false;
  let inexact: string | null = null;
  let digits = 0;
  let escape = text.indexOf("\\");
  // To the length, so that a number at the very end is seen to end.
  for (let index = 0; index <= text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) {
      digits += 1;
      continue;
    }
    if (digits > 0) {
      if ((code | 0x20) === 0x65 || digits > FINITE_DIGITS) isSuspect = true;
      else if (digits > EXACT_DIGITS) inexact ??= inexactInteger(text, index - digits, index);
      digits = 0;
    }
    if (code === 0x22) {
      let end = text.indexOf('"', index + 1);
      while (escape !== -1 && escape < end) {
        // An escape of the range that surrogates are in: \ud... or \uD...
        if (text.charCodeAt(escape + 1) === 0x75 && (text.charCodeAt(escape + 2) | 0x20) === 0x64) isSuspect = true;
        if (end === escape + 1) end = text.indexOf('"', end + 1);
        escape = text.indexOf("\\", escape + 2);
      }
      // Never closed: the parser will say so.
      if (end === -1) break;
      index = end;
    } else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
  }
  return { depth: deepest, isSuspect, inexact };
}

/** The digits from `start` to `end`, if they are a whole integer that would be written again as another. */
function inexactInteger(text: string, start: number, end: number): string | null {
  if (text[start - 1] === "." || /[.eE]/.test(text[end] ?? "")) return null;
  const integer = text.slice(start, end);
  const double = Number(integer);
  // A large double is written by the fewest digits that tell it from its neighbours, which need not be its exact ones.
  return String(double) === integer || BigInt(double) === BigInt(integer) ? null : integer;
}

function inspect(value: unknown, path: string, inexact: string | null): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Invalid(path, value, "a finite number");
  if (typeof value === "number" && inexact !== null && Math.abs(value) === Number(inexact))
    throw new Invalid(path, value < 0 ? `-${inexact}` : inexact, "an integer that survives as a double, or text");
  if (typeof value === "string" && !value.isWellFormed())
    throw new Invalid(path, value, "text without lone surrogates");
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) throw new Invalid(path, key, "names without lone surrogates");
    inspect(member, Array.isArray(value) ? `${path}[${key}]` : path === "body" ? key : `${path}.${key}`, inexact);
  }
}
