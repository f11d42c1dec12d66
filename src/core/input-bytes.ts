// How much memory an operation takes while it waits for its turn, about: its texts and bytes, which may be a thousand times as large
// as the rest, and a little for each thing that it names.

/** How text is measured. */
type TextBytes = (text: string) => number;

/** An object and its short fields. */
const ITEM_BYTES = 64;

/** In bytes; of text in UTF-16 units, unless it is measured otherwise. */
export function inputBytes(input: unknown, textBytes: TextBytes = unitsOf): number {
  if (typeof input !== "object" || input === null) return 0;
  let bytes = ITEM_BYTES;
  for (const name in input) {
    const value = (input as Readonly<Record<string, unknown>>)[name];
    if (!(Array.isArray(value) && isList(name))) bytes += memberBytes(name, value, textBytes);
    else for (const item of value) bytes += itemBytes(item, textBytes);
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
function itemBytes(item: unknown, textBytes: TextBytes): number {
  let bytes = ITEM_BYTES;
  for (const name in item as Readonly<Record<string, unknown>>) {
    bytes += memberBytes(name, (item as Readonly<Record<string, unknown>>)[name], textBytes);
  }
  return bytes;
}

/** What may be large of a task, a document, a claim that is given back or a record of a table. */
function memberBytes(name: string, value: unknown, textBytes: TextBytes): number {
  switch (name) {
    case "payload":
    case "value":
    case "error":
      return sizeOf(value, textBytes);
    case "headers":
    case "row":
      return membersBytes(value, textBytes);
    case "task":
    case "change":
    case "document":
      return innerBytes(value, textBytes);
    default:
      return 0;
  }
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
