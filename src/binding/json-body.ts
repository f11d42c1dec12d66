// A value that came over RPC, held to what JSON can carry, so that bindings and HTTP take the same and store the same.

import { Invalid } from "../api/invalid.ts";
import { parseJson } from "../api/json.ts";
import { LIMITS } from "../core/limits.ts";
import { thousands } from "../core/thousands.ts";
import { utf8Bytes } from "../core/utf8-bytes.ts";

/**
 * The value as JSON would bring it: members that are undefined are gone, dates are text.
 *
 * @throws {Invalid} by its path, for what JSON would drop or change without a word: everything that is not a plain object, an
 *   array, a text, a finite number other than -0, true, false, null or a valid date; and for a body larger than HTTP takes
 */
export function jsonBody(value: unknown): unknown {
  new PlainValues().check(value, "", 1);
  const text = JSON.stringify(value);
  const bytes = utf8Bytes(text, LIMITS.bodyBytes);
  if (bytes > LIMITS.bodyBytes) throw tooLarge(`${thousands(bytes)} bytes`);
  return parseJson(text, "body");
}

const ALLOWED = "a value that JSON can carry; bytes as base64 with encoding base64";

class PlainValues {
  /** Values seen. RPC keeps what an object refers to twice as one, so a small message may stand for an endless text. */
  #seen = 0;

  check(value: unknown, path: string, depth: number): void {
    this.#seen += 1;
    if (this.#seen > LIMITS.bodyBytes) throw tooLarge("more values");
    const foreign = foreignKind(value);
    if (foreign !== null) throw new Invalid(path === "" ? "body" : path, foreign, ALLOWED);
    if (typeof value !== "object" || value === null || value instanceof Date) return;
    // Also where a cycle ends.
    if (depth > LIMITS.jsonDepth) throw new Invalid("body", "JSON nested deeper", `at most ${LIMITS.jsonDepth} levels`);
    if (Array.isArray(value)) {
      for (const [index, item] of value.entries())
        this.check(item, `${path === "" ? "body" : path}[${index}]`, depth + 1);
      return;
    }
    for (const [name, member] of Object.entries(value)) {
      if (member !== undefined) this.check(member, path === "" ? name : `${path}.${name}`, depth + 1);
    }
  }
}

function tooLarge(given: string): Invalid {
  return new Invalid("body", given, `at most ${thousands(LIMITS.bodyBytes)} bytes`, "payload-too-large");
}

/** Anything that JSON has no word for, in words; null: it has. */
function foreignKind(value: unknown): string | null {
  if (typeof value === "string" || typeof value === "boolean" || value === null) return null;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? null : String(value);
  return typeof value === "object" ? foreignObject(value) : typeof value;
}

function foreignObject(value: object): string | null {
  if (Array.isArray(value)) return null;
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "a date that is none" : null;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return "bytes";
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null ? null : `a ${value.constructor.name}`;
}
