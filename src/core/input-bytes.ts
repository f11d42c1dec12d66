// How much memory an operation takes while it waits for its turn, about: its texts and bytes, which may be a thousand times as large
// as the rest, and a little for each thing that it names.

/** What a task, a document, a claim that is given back or a record of a table holds that may be large. */
interface Sized {
  readonly payload?: unknown;
  readonly value?: unknown;
  readonly headers?: unknown;
  readonly error?: unknown;
  readonly row?: unknown;
  readonly task?: unknown;
  readonly change?: unknown;
  readonly document?: unknown;
}

/** How text is measured. */
type TextBytes = (text: string) => number;

/** The parts of an operation that there may be a thousand of. */
const LISTS = ["tasks", "claims", "nacks", "insert", "change", "records"] as const;
/** An object and its short fields. */
const ITEM_BYTES = 64;

/** In bytes; of text in UTF-16 units, unless it is measured otherwise. */
export function inputBytes(input: unknown, textBytes: TextBytes = unitsOf): number {
  if (typeof input !== "object" || input === null) return 0;
  let bytes = itemBytes(input, textBytes);
  for (const name of LISTS) {
    const list = (input as { readonly [Name in (typeof LISTS)[number]]?: unknown })[name];
    if (!Array.isArray(list)) continue;
    for (const item of list) bytes += itemBytes(item as Sized, textBytes);
  }
  return bytes;
}

/** Text as it is carried and kept: one character beyond Latin-1 makes each of its characters take two bytes. */
export function memoryBytes(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? 2 * text.length : text.length;
}

function unitsOf(text: string): number {
  return text.length;
}

function itemBytes(item: Sized, textBytes: TextBytes): number {
  const { payload, value, headers, error, row, task, change, document } = item;
  let bytes = ITEM_BYTES + sizeOf(payload, textBytes) + sizeOf(value, textBytes) + sizeOf(error, textBytes);
  for (const members of [headers, row]) if (members !== undefined) bytes += membersBytes(members, textBytes);
  for (const inner of [task, change, document]) {
    if (typeof inner === "object" && inner !== null && !Array.isArray(inner)) bytes += itemBytes(inner, textBytes);
  }
  return bytes;
}

function membersBytes(members: unknown, textBytes: TextBytes): number {
  if (typeof members !== "object" || members === null) return 0;
  let bytes = 0;
  for (const [name, value] of Object.entries(members)) {
    const isBytes = typeof value === "object" && value !== null && "base64" in value;
    bytes += name.length + sizeOf(isBytes ? value.base64 : value, textBytes);
  }
  return bytes;
}

function sizeOf(value: unknown, textBytes: TextBytes): number {
  if (typeof value === "string") return textBytes(value);
  return value instanceof Uint8Array ? value.byteLength : 0;
}
