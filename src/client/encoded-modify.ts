// The payloads and values in a modify, checked and encoded as those of an enqueue are.

import type { WireModify } from "../protocol/wire-modify.ts";
import { encodePayload } from "./payload.ts";

/** Throws InvalidPayloadError, naming the item and the path in it. */
export function encodedModify({ insert, change, ...rest }: WireModify): WireModify {
  return {
    ...rest,
    ...(insert && { insert: insert.map((item, index) => encoded(item, `insert[${index}].`)) }),
    ...(change && { change: change.map((item, index) => encoded(item, `change[${index}].`)) }),
  };
}

function encoded<Item extends object>(item: Item, path: string): Item {
  if ("document" in item) {
    encodePayload((item.document as { readonly value: unknown }).value, undefined, `${path}document.value`);
    return item;
  }
  // With an encoding it is in its wire form already.
  if (!("payload" in item) || "encoding" in item) return item;
  const { contentType } = item as { readonly contentType?: string };
  return { ...item, ...encodePayload(item.payload, contentType, `${path}payload`) };
}
