// Arrays, and objects whose names the sender chooses.

import { Invalid } from "../invalid.ts";
import type { Schema } from "./schema.ts";
import { thousands } from "../../core/thousands.ts";

/** @param items what the array is of, as errors say it */
export function arrayOf<Value, Wire>(
  item: Schema<Value, Wire>,
  maxItems: number,
  items: string,
): Schema<Value[], readonly Wire[]> {
  return list(item, 1, maxItems, `an array of 1 to ${thousands(maxItems)} ${items}`);
}

/** One that may be empty, since programs gather it. */
export function listOf<Value, Wire>(item: Schema<Value, Wire>, maxItems: number): Schema<Value[], readonly Wire[]> {
  return list(item, 0, maxItems, `an array of at most ${thousands(maxItems)} items`);
}

/** One of an answer: as long as it is. */
export function anyNumberOf<Value, Wire>(item: Schema<Value, Wire>): Schema<Value[], readonly Wire[]> {
  return list(item, 0, Number.POSITIVE_INFINITY, "an array");
}

function list<Value, Wire>(
  item: Schema<Value, Wire>,
  minItems: number,
  maxItems: number,
  allowed: string,
): Schema<Value[], readonly Wire[]> {
  return {
    parse: (value, path) => {
      if (!Array.isArray(value) || value.length < minItems || value.length > maxItems)
        throw new Invalid(path, value, allowed);
      return value.map((one, index) => {
        try {
          return item.parse(one, "");
        } catch {
          // Only for the one at fault is it written where it stands: for each of a thousand tasks that took as long as reading it.
          return item.parse(one, `${path}[${index}]`);
        }
      });
    },
    allowed,
    json: { type: "array", items: item.json, minItems, ...(Number.isFinite(maxItems) ? { maxItems } : {}) },
  };
}

/** An object of any names. @param allowed as the error says it */
export function recordOf<Value, Wire>(
  item: Schema<Value, Wire>,
  allowed: string,
  limits: { readonly names?: Schema<string>; readonly max?: number; readonly items?: string } = {},
): Schema<Record<string, Value>, Readonly<Record<string, Wire>>> {
  const { names, max = Number.POSITIVE_INFINITY, items = "members" } = limits;
  return {
    parse: (value, path) => {
      if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Invalid(path, value, allowed);
      const entries = Object.entries(value);
      if (entries.length > max) throw new Invalid(path, `${entries.length} ${items}`, `at most ${max}`);
      return Object.fromEntries(
        entries.map(([name, one]): [string, Value] => {
          names?.parse(name, `${path} name`);
          return [name, item.parse(one, `${path}.${name}`)];
        }),
      );
    },
    allowed,
    json: {
      type: "object",
      additionalProperties: item.json,
      ...(names === undefined ? {} : { propertyNames: names.json }),
      ...(Number.isFinite(max) ? { maxProperties: max } : {}),
    },
  };
}
