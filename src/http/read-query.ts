// Query parameters as checked values: the same fields and the same errors as in a JSON body.

import { Invalid, parsed } from "../api/invalid.ts";
import { NOTHING } from "../api/schema/object.ts";
import type { FieldMap } from "../api/schema/schema.ts";
import { valueOf } from "./http-error.ts";

/**
 * Reads the parameters by `parse`, as if they were the members of a JSON object. One given twice is refused.
 *
 * @param url the request's own
 * @param fields those that it takes: which of them are numbers or truth values is in their schemas; all others are text
 */
export function readQuery<Value>(url: string, fields: FieldMap, parse: (given: unknown) => Value): Value {
  return valueOf(
    parsed(() => {
      // Most requests have none, and taking a URL apart takes longer than looking.
      if (!url.includes("?")) return parse({});
      const { search, searchParams } = new URL(url);
      refuseBadEncoding(search);
      const given = Map.groupBy(searchParams, ([name]) => name);
      return parse(
        Object.fromEntries(Array.from(given, ([name, pairs]) => [name, typedValue(name, pairs, typeOf(fields, name))])),
      );
    }),
  );
}

/** For paths that take no parameters. */
export function refuseQuery(url: string): void {
  if (url.includes("?")) readQuery(url, {}, (given) => NOTHING.parse(given, ""));
}

function typeOf(fields: FieldMap, name: string): unknown {
  return Object.hasOwn(fields, name) ? fields[name]?.schema.json["type"] : undefined;
}

function typedValue(name: string, pairs: readonly (readonly [string, string])[], type: unknown): unknown {
  if (pairs.length > 1) throw new Invalid(name, `${pairs.length} times`, "each parameter once");
  const value = pairs[0]?.[1] ?? "";
  if (type === "integer" && /^-?\d{1,17}$/.test(value)) return Number(value);
  return type === "boolean" && /^(?:true|false)$/.test(value) ? value === "true" : value;
}

/** URLSearchParams would quietly put U+FFFD for what is not UTF-8. */
function refuseBadEncoding(search: string): void {
  try {
    decodeURIComponent(search);
  } catch {
    throw new Invalid("query", search, "percent-encoded UTF-8");
  }
}
