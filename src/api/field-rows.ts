// The fields of an operation as rows of a table, those of inner objects below their own: `backoff.minMs`, `claims[].delayMs`.

import type { FieldMap } from "./schema/schema.ts";

export interface FieldRow {
  readonly path: string;
  readonly absent: string;
  readonly allowed: string;
  readonly about: string;
}

export function fieldRows(fields: FieldMap, before = ""): FieldRow[] {
  return Object.entries(fields).flatMap(([name, { schema, absent, about }]) => {
    const path = before + name;
    const isList = schema.json["type"] === "array";
    const inner = schema.docs === undefined ? [] : fieldRows(schema.docs, isList ? `${path}[].` : `${path}.`);
    const own = { path, absent, allowed: schema.allowed, about };
    // An object is described by its fields alone.
    return inner.length > 0 && !isList ? inner : [own, ...inner];
  });
}
