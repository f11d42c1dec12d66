// The fingerprint of a call as earlier versions made it: a call that they remember is recognized when it comes again after the
// upgrade. Not needed once no database of theirs can hold a call that is still remembered.

import { fingerprintOf } from "./fingerprint.ts";

const START = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param input as of `fingerprintOf`, which also covered tasks that are payloads alone */
export function isFormerFingerprint(fingerprint: number, input: unknown): boolean {
  return fingerprint === fingerprintOf(input) || fingerprint === fnvOf(input);
}

/** FNV-1a, in databases of schema 4 to 6. */
function fnvOf(input: unknown): number {
  return mixed(START, input) >>> 0;
}

function mixed(before: number, value: unknown): number {
  if (typeof value === "string") return mixedText(before, value);
  if (typeof value !== "object" || value === null) return mixedText(before, String(value));
  let hash = before;
  if (value instanceof Uint8Array) {
    for (const byte of value) hash = Math.imul(hash ^ byte, PRIME);
  } else if (Array.isArray(value)) {
    for (const item of value) hash = mixed(hash, item);
  } else {
    for (const [name, item] of Object.entries(value)) hash = mixed(mixedText(hash, name), item);
  }
  return Math.imul(hash ^ END, PRIME);
}

/** Where one value ends and the next begins: no unit of UTF-16. */
const END = 0x10000;

function mixedText(before: number, text: string): number {
  let hash = before;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), PRIME);
  return Math.imul(hash ^ END, PRIME);
}
