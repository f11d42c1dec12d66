// Tells what a call asks for in 32 bits, so that a number used twice for different calls is found out: an answer to another
// call would be a task lost in silence. FNV-1a; a mistake is to be caught, not an attack.

const START = 0x811c9dc5;
const PRIME = 0x01000193;

/** @param input of an operation: JSON values and bytes, in the order in which a body is read */
export function fingerprintOf(input: unknown): number {
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
