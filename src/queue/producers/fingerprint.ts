// Tells what a call asks for in 32 bits, so that a number used twice for different calls is found out: an answer to another
// call would be a task lost in silence. FxHash, two characters a step, since it reads every payload; a mistake is to be caught,
// not an attack.

const FACTOR = 0x9e3779b1;

/** @param input of an operation: JSON values and bytes, in the order in which a body is read */
export function fingerprintOf(input: unknown): number {
  return mixed(0, input) >>> 0;
}

function mixed(before: number, value: unknown): number {
  if (Array.isArray(value)) return mixedList(before, value);
  if (typeof value === "string") return mixedText(before, value);
  if (typeof value !== "object" || value === null) return mixedText(before, String(value));
  let hash = before;
  let parts = 0;
  if (value instanceof Uint8Array) {
    for (const byte of value) hash = mixedWord(hash, byte);
    parts = value.length;
  } else {
    for (const name in value) {
      hash = mixed(mixedText(hash, name), (value as Readonly<Record<string, unknown>>)[name]);
      parts += 1;
    }
  }
  return mixedWord(hash, ~parts);
}

function mixedList(before: number, list: readonly unknown[]): number {
  let hash = before;
  for (const item of list) hash = isPayloadAlone(item) ? mixedPayload(hash, item.payload) : mixed(hash, item);
  return mixedWord(hash, ~list.length);
}

/** Whether it is a task that says nothing beside its payload, as most are. */
function isPayloadAlone(value: unknown): value is { readonly payload: string } {
  if (typeof value !== "object" || value === null || !("payload" in value)) return false;
  if (typeof value.payload !== "string") return false;
  for (const name in value) if (name !== "payload") return false;
  return true;
}

/** The same as of any other object, in half the time: the name, written out in words, is read neither by its characters nor in a loop. */
function mixedPayload(before: number, payload: string): number {
  const pa = mixedWord(before, 0x61_0070);
  const payl = mixedWord(mixedWord(pa, 0x6c_0079), 0x61_006f);
  const name = mixedWord(mixedWord(payl, 0x64), "payload".length);
  return mixedWord(mixedText(name, payload), ~1);
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
