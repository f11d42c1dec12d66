// The most memory that an answer takes once it is text: its payloads, as a rule.

import { EXPANSION } from "../core/answer-bytes.ts";

/** What an answer holds of a task, a document, or a row that is exported. */
interface Told {
  readonly payload?: unknown;
  readonly value?: unknown;
  readonly contentType?: string | null;
  readonly headers?: Readonly<Record<string, string>>;
  readonly row?: Readonly<Record<string, unknown>>;
}

/** Ids, times and the names of fields. */
const OTHER_FIELDS = 512;

/** In bytes. Of answers without payloads, which are bounded by the requests for them, 0. */
export function outcomeBytes(outcome: { readonly kind: string }): number {
  if (outcome.kind === "enqueued") return 0;
  const { task, document, tasks, documents, records } = outcome as Readonly<Record<string, unknown>>;
  let bytes = 0;
  for (const one of [task, document]) if (typeof one === "object" && one !== null) bytes += bytesOf(one);
  for (const list of [tasks, documents, records]) {
    if (Array.isArray(list)) for (const item of list) bytes += bytesOf(item as Told);
  }
  return bytes;
}

function bytesOf({ payload, value, contentType = null, headers, row }: Told): number {
  let bytes = sizeOf(payload, contentType) + sizeOf(value, null);
  for (const name in headers) bytes += EXPANSION.text * (name.length + (headers[name]?.length ?? 0));
  for (const name in row) bytes += sizeOf(row[name], "text");
  return bytes === 0 ? 0 : bytes + OTHER_FIELDS;
}

/** Text without a type is JSON, and copied as it is. */
function sizeOf(value: unknown, contentType: string | null): number {
  if (typeof value === "string") return (contentType === null ? EXPANSION.json : EXPANSION.text) * value.length;
  if (value instanceof Uint8Array) return EXPANSION.blob * value.byteLength;
  // Bytes of an exported row.
  return typeof value === "object" && value !== null && "base64" in value ? String(value.base64).length : 0;
}
