// A value that came over RPC, held to what JSON can carry, so that bindings and HTTP take the same and store the same.

import { Invalid } from "../api/invalid.ts";
import { parseJson } from "../api/json.ts";

/**
 * The value as JSON would bring it: members that are undefined are gone, dates are text.
 *
 * @throws {Invalid} for what JSON would drop or change without a word: Map, Set, bytes, BigInt, NaN, -0, cycles, functions
 */
export function jsonBody(value: unknown): unknown {
  return parseJson(jsonText(value), "body");
}

function jsonText(value: unknown): string {
  try {
    const text: string | undefined = JSON.stringify(value, refuseForeign);
    if (text !== undefined) return text;
  } catch (error) {
    if (error instanceof Invalid) throw error;
    throw new Invalid("body", error instanceof Error ? error.message : String(error), "a value that JSON can carry");
  }
  throw new Invalid("body", value, "a JSON object");
}

/** Sees each value after its `toJSON`. */
function refuseForeign(key: string, value: unknown): unknown {
  const kind = foreignKind(value);
  if (kind === null) return value;
  throw new Invalid(
    key === "" ? "body" : key,
    kind,
    "a value that JSON can carry; bytes as base64 with encoding base64",
  );
}

/** What JSON has no word for, in words; null: it has. */
function foreignKind(value: unknown): string | null {
  if (typeof value === "bigint" || typeof value === "symbol" || typeof value === "function") return typeof value;
  if (typeof value === "number") return Object.is(value, -0) ? "-0" : Number.isFinite(value) ? null : String(value);
  if (value instanceof Map || value instanceof Set) return value instanceof Map ? "a Map" : "a Set";
  return value instanceof ArrayBuffer || ArrayBuffer.isView(value) ? "bytes" : null;
}
