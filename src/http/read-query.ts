// Query parameters as checked values: the same fields and the same errors as in a JSON body.

import { Fields } from "../api/fields.ts";
import { Invalid, parsed } from "../api/invalid.ts";
import { valueOf } from "./http-error.ts";

/**
 * Runs `parse` over the parameters. One given twice, or not asked for, is refused.
 *
 * @param integers the parameters whose values are integers; all others are text
 */
export function readQuery<Value>(
  request: Request,
  integers: readonly string[],
  parse: (fields: Fields) => Value,
): Value {
  return valueOf(
    parsed(() => {
      // Most requests have none, and taking a URL apart takes longer than looking.
      if (!request.url.includes("?")) return parse(new Fields({}));
      const { search, searchParams } = new URL(request.url);
      refuseBadEncoding(search);
      const given = Map.groupBy(searchParams, ([name]) => name);
      return parse(
        new Fields(
          Object.fromEntries(
            Array.from(given, ([name, pairs]) => [name, typedValue(name, pairs, integers.includes(name))]),
          ),
        ),
      );
    }),
  );
}

/** For paths that take no parameters. */
export function refuseQuery(request: Request): void {
  readQuery(request, [], (fields) => fields.end([]));
}

function typedValue(name: string, pairs: readonly (readonly [string, string])[], isInteger: boolean): string | number {
  if (pairs.length > 1) throw new Invalid(name, `${pairs.length} times`, "each parameter once");
  const value = pairs[0]?.[1] ?? "";
  return isInteger && /^-?\d{1,17}$/.test(value) ? Number(value) : value;
}

/** URLSearchParams would quietly put U+FFFD for what is not UTF-8. */
function refuseBadEncoding(search: string): void {
  try {
    decodeURIComponent(search);
  } catch {
    throw new Invalid("query", search, "percent-encoded UTF-8");
  }
}
