// JSON with its numbers as they are written: 12345678901234567890 and 1.10 stay what they are, which JSON.parse alone would
// round and shorten.

/** A number that a double does not write in the same way. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

export type Json = null | boolean | number | string | ExactNumber | readonly Json[] | { readonly [name: string]: Json };

type Reviver = (this: unknown, key: string, value: unknown, context?: { readonly source?: string }) => unknown;
const parse = JSON.parse as (text: string, reviver: Reviver) => unknown;

/** undefined: the text is not JSON. Browsers that do not expose a number's source give the double. */
export function parseExactJson(text: string): Json | undefined {
  try {
    return parse(text, (_key, value, context) => {
      const source = context?.source;
      return typeof value === "number" && source !== undefined && String(value) !== source
        ? new ExactNumber(source)
        : value;
    }) as Json;
  } catch {
    return undefined;
  }
}

/** The first number that would change when it is sent as JSON; null: all survive. 1.10 and 1e3 keep their value. */
export function inexactNumber(value: Json): string | null {
  if (value instanceof ExactNumber) return isSameValue(value.source) ? null : value.source;
  if (typeof value !== "object" || value === null) return null;
  for (const item of Object.values(value)) {
    const found = inexactNumber(item);
    if (found !== null) return found;
  }
  return null;
}

/** Whether the double is the number that is written; only integers can differ in a way that matters to who wrote them. */
function isSameValue(source: string): boolean {
  const double = Number(source);
  return Number.isFinite(double) && (!/^-?\d+$/.test(source) || BigInt(double) === BigInt(source));
}
