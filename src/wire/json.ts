// JSON in, strictly: what a JavaScript parser would quietly change (a number beyond a double's range, half a surrogate pair)
// is refused, since it would come out of the queue as something else than went in. See RFC 7493, I-JSON.

import { LIMITS } from "../core/limits.ts";
import { Invalid } from "./invalid.ts";

/** @param field what to call the text in an error */
export function parseJson(text: string, field = "body"): unknown {
  const { depth, isSuspect } = survey(text);
  if (depth > LIMITS.jsonDepth)
    throw new Invalid(field, `JSON nested ${depth} deep`, `at most ${LIMITS.jsonDepth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Invalid(field, text, `JSON (${error instanceof Error ? error.message : String(error)})`);
  }
  if (isSuspect) inspect(value, field);
  return value;
}

/** One pass over the text: how deep it nests, and whether it has what only a walk of its values can judge. */
function survey(text: string): { depth: number; isSuspect: boolean } {
  let depth = 0;
  let deepest = 0;
  let isSuspect = false;
  let inString = false;
  let digits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (inString) {
      if (code === 0x5c) {
        index += 1;
        // An escape of the range that surrogates are in: \ud... or \uD...
        if (text.charCodeAt(index) === 0x75 && (text.charCodeAt(index + 1) | 0x20) === 0x64) isSuspect = true;
      } else if (code === 0x22) inString = false;
      continue;
    }
    if (code === 0x22) inString = true;
    else if (code === 0x7b || code === 0x5b) {
      depth += 1;
      if (depth > deepest) deepest = depth;
    } else if (code === 0x7d || code === 0x5d) depth -= 1;
    // Only an exponent or some three hundred digits can leave the range of a double.
    else if (code >= 0x30 && code <= 0x39) {
      digits += 1;
      if (digits > 300) isSuspect = true;
      continue;
    } else if ((code | 0x20) === 0x65 && digits > 0) isSuspect = true;
    digits = 0;
  }
  return { depth: deepest, isSuspect };
}

function inspect(value: unknown, path: string): void {
  if (typeof value === "number" && !Number.isFinite(value)) throw new Invalid(path, value, "a finite number");
  if (typeof value === "string" && !value.isWellFormed())
    throw new Invalid(path, value, "text without lone surrogates");
  if (typeof value !== "object" || value === null) return;
  for (const [key, member] of Object.entries(value)) {
    if (!key.isWellFormed()) throw new Invalid(path, key, "names without lone surrogates");
    inspect(member, Array.isArray(value) ? `${path}[${key}]` : path === "body" ? key : `${path}.${key}`);
  }
}
