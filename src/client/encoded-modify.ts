// The payloads and values in a modify, checked and encoded as those of an enqueue are.

import type { WireModify } from "../protocol/wire-modify.ts";
import { arrayOption, objectOption } from "./option.ts";
import { encodedTask } from "./encoded-task.ts";
import { jsonValue } from "./payload.ts";

/** Throws InvalidOptionError or InvalidPayloadError, naming the item and the path in it. */
export function encodedModify(changes: WireModify): WireModify {
  objectOption("changes", changes);
  const { insert, change, ...rest } = changes;
  return {
    ...rest,
    ...(insert && { insert: allEncoded("insert", insert) }),
    ...(change && { change: allEncoded("change", change) }),
  };
}

function allEncoded<Item extends object>(name: string, items: readonly Item[]): Item[] {
  arrayOption(name, items);
  return items.map((item, index) => encoded(item, `${name}[${index}]`));
}

function encoded<Item extends object>(item: Item, path: string): Item {
  objectOption(path, item);
  if ("document" in item) {
    const { document } = item as { readonly document: { readonly value: unknown } };
    objectOption(`${path}.document`, document);
    return { ...item, document: { ...document, value: jsonValue(document.value, `${path}.document.value`) } };
  }
  // With an encoding it is in its wire form already.
  if (!("payload" in item) || "encoding" in item) return item;
  return encodedTask(item, `${path}.payload`);
}
