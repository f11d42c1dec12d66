// Tells what a call asks for in 32 bits, so that a number used twice for different calls is found out: an answer to another
// call would be a task lost in silence. FxHash, two characters a step, since it reads every payload; a mistake is to be caught,
// not an attack.

const FACTOR = 0x9e3779b1;

/** @param input of an operation: JSON values and bytes, in the order in which a body is read */
export function fingerprintOf(input: unknown): number {
  return mixed(0, input) >>> 0;
}

/** Of tasks that are payloads alone, as most are: in a third of the time, since nothing but the payloads need be read. */
export function fingerprintOfPlain(tasks: readonly { readonly payload: unknown }[]): number {
  let hash = 0;
  for (const { payload } of tasks) hash = mixedText(hash, payload as string);
  return mixedWord(hash, ~tasks.length) >>> 0;
}

function mixed(before: number, value: unknown): number {
  if (typeof value === "string") return mixedText(before, value);
  if (typeof value !== "object" || value === null) return mixedText(before, String(value));
  let hash = before;
  let parts = 0;
  if (value instanceof Uint8Array) {
    for (const byte of value) hash = mixedWord(hash, byte);
    parts = value.length;
  } else if (Array.isArray(value)) {
    for (const item of value) hash = mixed(hash, item);
    parts = value.length;
  } else {
    for (const name in value) {
      hash = mixed(mixedText(hash, name), (value as Readonly<Record<string, unknown>>)[name]);
      parts += 1;
    }
  }
  return mixedWord(hash, ~parts);
}

/** With its length, which says where it ends and the next begins. */
function mixedText(before: number, text: string): number {
  const { length } = text;
  let hash = before;
  let index = 0;
  for (; index + 1 < length; index += 2)
    hash = mixedWord(hash, text.charCodeAt(index) | (text.charCodeAt(index + 1) << 16));
  if (index < length) hash = mixedWord(hash, text.charCodeAt(index));
  return mixedWord(hash, length);
}

/** Rotated, so that the upper half of a word reaches the lower half of what comes after it. */
function mixedWord(hash: number, word: number): number {
  return Math.imul(((hash << 5) | (hash >>> 27)) ^ word, FACTOR);
}
