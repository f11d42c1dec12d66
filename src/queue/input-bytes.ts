// How much memory an operation holds while it waits for its turn, about: its payloads, which may be a thousand times as large
// as the rest.

interface Sized {
  readonly payload?: unknown;
  readonly value?: unknown;
  readonly task?: unknown;
  readonly change?: unknown;
}

/** In bytes, or in UTF-16 units of text. */
export function inputBytes(input: unknown): number {
  if (typeof input !== "object" || input === null) return 0;
  let bytes = payloadBytes(input);
  for (const name of ["tasks", "insert", "change"] as const) {
    const list: unknown = (input as Record<string, unknown>)[name];
    if (Array.isArray(list)) for (const item of list) bytes += payloadBytes(item as Sized);
    else if (name === "change" && typeof list === "object" && list !== null) bytes += payloadBytes(list);
  }
  return bytes;
}

function payloadBytes({ payload, value, task, change }: Sized): number {
  return sizeOf(payload) + sizeOf(value) + innerBytes(task) + innerBytes(change);
}

function innerBytes(part: unknown): number {
  return typeof part === "object" && part !== null ? payloadBytes(part) : 0;
}

function sizeOf(value: unknown): number {
  if (typeof value === "string") return value.length;
  return value instanceof Uint8Array ? value.byteLength : 0;
}
