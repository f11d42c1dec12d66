// Query parameters as checked values: the same fields and the same errors as in a JSON body.

import { Fields } from "../wire/fields.ts";
import { parsed } from "../wire/invalid.ts";
import { valueOf } from "./read-body.ts";

/** Parameters whose values are integers; all others are text. */
type IntegerNames = readonly string[];

/** Runs `parse` over the parameters. One given twice, or not asked for, is refused. */
export function readQuery<Value>(request: Request, integers: IntegerNames, parse: (fields: Fields) => Value): Value {
  const { searchParams } = new URL(request.url);
  return valueOf(
    parsed(() => {
      const fields = new Fields(
        Object.fromEntries(Array.from(searchParams.keys(), (name) => [name, valueIn(searchParams, name, integers)])),
      );
      return parse(fields);
    }),
  );
}

function valueIn(parameters: URLSearchParams, name: string, integers: IntegerNames): unknown {
  const values = parameters.getAll(name);
  if (values.length > 1) return values;
  const value = values[0] ?? "";
  return integers.includes(name) && /^-?\d{1,17}$/.test(value) ? Number(value) : value;
}
