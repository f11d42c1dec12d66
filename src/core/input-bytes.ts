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

/** An object and its short fields. */
const ITEM_BYTES = 64;

/** In bytes; of text in UTF-16 units, unless it is measured otherwise. */
export function inputBytes(input: unknown, textBytes: TextBytes = unitsOf): number {
  if (typeof input !== "object" || input === null) return 0;
  let bytes = itemBytes(input, textBytes);
  for (const name in input) {
    const list = isList(name) ? (input as Readonly<Record<string, unknown>>)[name] : null;
    if (Array.isArray(list)) for (const item of list) bytes += itemBytes(item as Sized, textBytes);
  }
  return bytes;
}

/** Whether it is a part of an operation that there may be a thousand of. */
function isList(name: string): boolean {
  switch (name) {
    case "tasks":
    case "claims":
    case "nacks":
    case "insert":
    case "change":
    case "records":
      return true;
    default:
      return false;
  }
}

/** Text as it is carried and kept: one character beyond Latin-1 makes each of its characters take two bytes. */
export function memoryBytes(text: string): number {
  return /[\u0100-\uffff]/.test(text) ? 2 * text.length : text.length;
}

function unitsOf(text: string): number {
  return text.length;
}

/** By the names that are there: every request is measured, and to look for those that are not takes longer than the rest. */
function itemBytes(item: Sized, textBytes: TextBytes): number {
  let bytes = ITEM_BYTES;
  for (const name in item) {
    switch (name) {
      case "payload":
      case "value":
      case "error":
        bytes += sizeOf(item[name], textBytes);
        break;
      case "headers":
      case "row":
        bytes += membersBytes(item[name], textBytes);
        break;
      case "task":
      case "change":
      case "document":
        bytes += innerBytes(item[name], textBytes);
        break;
      default:
    }
  }
  return bytes;
}

function innerBytes(inner: unknown, textBytes: TextBytes): number {
  const isOne = typeof inner === "object" && inner !== null && !Array.isArray(inner);
  return isOne ? itemBytes(inner, textBytes) : 0;
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
