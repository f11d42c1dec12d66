// An object of one of several shapes, distinguished by the fields that it has.

import { Invalid } from "../invalid.ts";
import type { Schema, ValueOf, WireOf } from "./schema.ts";

type Shapes = Readonly<Record<string, Schema<unknown, unknown>>>;

/** @param choose which shape it is, by the names that it has; throws Invalid for names that cannot stand together */
export function shapes<const Of extends Shapes>(
  of: Of,
  choose: (has: (name: string) => boolean, path: string) => keyof Of & string,
): Schema<ValueOf<Of[keyof Of]>, WireOf<Of[keyof Of]>> {
  return {
    parse: (value, path) => {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new Invalid(path === "" ? "body" : path, value, "a JSON object");
      const shape = of[choose((name) => Object.hasOwn(value, name), path)];
      return shape?.parse(value, path) as ValueOf<Of[keyof Of]>;
    },
    allowed: "a JSON object",
    json: { anyOf: Object.values(of).map(({ json }) => json) },
  };
}
