// What a field of the API may hold, as values: some that are allowed, the bounds among them, and some that are not.

import type { Random } from "../simulation/random.ts";

export interface Field {
  /** Its absence is refused. */
  readonly isRequired: boolean;
  /** It is in every valid body, so that the body means something. */
  readonly isAlways?: boolean;
  readonly valid: (random: Random) => unknown;
  readonly invalid: (random: Random) => unknown;
}

const WRONG_TYPES: readonly unknown[] = [true, [], {}, "", [[]], { a: 1 }, "x\u0000y", 1.5, -1, 1e300, [null]];

/** Text with everything in it that breaks parsers, quoting and storage. */
const AWKWARD = [
  "é",
  "漢",
  "🚨",
  "'",
  '"',
  "\\",
  "%",
  "\n",
  "\u2028",
  "; DROP TABLE tasks",
  "\u0000",
  "\u007f",
  "../",
  "<b>",
];

function field(valid: Field["valid"], invalid: Field["invalid"]): Field {
  return { isRequired: false, valid, invalid };
}

export function required(base: Field): Field {
  return { ...base, isRequired: true };
}

export function always(base: Field): Field {
  return { ...base, isAlways: true };
}

/** @param likely the greatest that is asked for by chance, where the bound itself would take long */
export function integer(min: number, max: number, likely: number = max): Field {
  return field(
    (random) => random.pick([min, Math.min(likely, max), min + random.below(Math.min(likely, max) - min + 1)]),
    (random) => random.pick([min - 1, max + 1, min + 0.5, String(min), 1e21, -1e21, null, true, [min], {}]),
  );
}

export function number(min: number, max: number): Field {
  return field(
    (random) => min + random.next() * (max - min),
    (random) => random.pick([min - 0.01, max + 0.01, "1", null, true, []]),
  );
}

/** `null` is allowed too. */
export function orNull(base: Field): Field {
  return field(
    (random) => (random.chance(0.2) ? null : base.valid(random)),
    (random) => base.invalid(random) ?? "not null",
  );
}

export const boolean = field(
  (random) => random.chance(0.5),
  (random) => random.pick([0, 1, "true", null, [], {}]),
);

export function oneOf(...values: readonly string[]): Field {
  return field(
    (random) => random.pick(values),
    (random) => random.pick([`${values[0]}x`, "", null, 0, values, {}]),
  );
}

/** @param pattern characters; absent: any but control characters */
export function text(min: number, max: number, isName = false): Field {
  const letters = "abcXYZ019._-";
  const name = (random: Random, length: number): string =>
    `a${Array.from({ length: length - 1 }, () => letters[random.below(letters.length)]).join("")}`;
  return field(
    (random) => name(random, random.pick([Math.max(min, 1), max, Math.max(min, 1) + random.below(Math.min(max, 20))])),
    (random) =>
      random.pick([
        "a".repeat(max + 1),
        ...(min > 0 ? [""] : []),
        ...(isName
          ? ["-a", "a b", "a/b", "é", ".", "..", "a\u0000"]
          : ["\u0000", "a\nb", "a\u007f", "\ud800", "\udc00x"]),
        0,
        null,
        ["a"],
        {},
      ]),
  );
}

/** Any JSON, small or awkward. */
export const json: Field = field(
  (random) => anyValue(random, 3),
  // There is none: only its absence is wrong.
  () => undefined,
);

export function anyValue(random: Random, depth: number): unknown {
  const kind = random.below(depth > 0 ? 8 : 6);
  if (kind === 0) return random.pick([0, 1, -1, 1.5, 2 ** 53 - 1, -(2 ** 53) + 1, 1e-7, random.below(1e9)]);
  if (kind === 1) return random.pick(AWKWARD).repeat(1 + random.below(20));
  if (kind === 2) return random.chance(0.5);
  if (kind === 3) return null;
  if (kind === 4) return "x".repeat(random.below(2_000));
  if (kind === 5) return "";
  const length = random.below(5);
  if (kind === 6) return Array.from({ length }, () => anyValue(random, depth - 1));
  return Object.fromEntries(
    Array.from({ length }, (_, index) => [
      random.pick(["id", "claim", "t", "é", "constructor", "toJSON", ""]) + index,
      anyValue(random, depth - 1),
    ]),
  );
}

export function list(item: Field, min: number, max: number, likely = 5): Field {
  return field(
    (random) => Array.from({ length: min + random.below(likely) }, () => item.valid(random)),
    (random) => {
      const bad = item.invalid(random);
      const good = item.valid(random);
      // Too many is a large body, so it is not sent often.
      if (random.chance(0.03)) return Array.from({ length: max + 1 }, () => good);
      if (bad !== undefined && random.chance(0.5)) return [good, bad];
      return random.pick([...(min > 0 ? [[]] : []), "a", 0, null, {}]);
    },
  );
}

export const headers: Field = field(
  (random) =>
    Object.fromEntries(Array.from({ length: random.below(4) }, (_, index) => [`x-${index}`, "v".repeat(index)])),
  (random) =>
    random.pick([
      { "x-a": 1 },
      { ["n".repeat(65)]: "v" },
      { a: "v".repeat(1_025) },
      Object.fromEntries(Array.from({ length: 33 }, (_, index) => [`h${index}`, ""])),
      [],
      "a: b",
      null,
    ]),
);

/** A body of fields. Those that are not required are there or not. */
export type Fields = Readonly<Record<string, Field>>;

export function validBody(fields: Fields, random: Random): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields)
      .filter(([, { isRequired, isAlways }]) => isRequired || isAlways === true || random.chance(0.35))
      .map(([name, { valid }]) => [name, valid(random)]),
  );
}

/** An item of a list, itself an object of fields. */
export function object(fields: Fields): Field {
  return field(
    (random) => validBody(fields, random),
    (random) => invalidBody(fields, random),
  );
}

/** A body with one thing wrong that is certain to be refused. */
export function invalidBody(fields: Fields, random: Random): unknown {
  const body = validBody(fields, random);
  const names = Object.keys(fields);
  const kind = random.below(4);
  const needed = names.filter((name) => fields[name]?.isRequired === true);
  if (kind === 0 && needed.length > 0) delete body[random.pick(needed)];
  else if (kind === 1)
    body[random.pick(["unknown", "__proto__x", "constructor", "Payload", "toString"])] = anyValue(random, 1);
  else if (kind === 2) return random.pick([[], [body], "text", 0, true, null]);
  else {
    const name = names.length === 0 ? undefined : random.pick(names);
    const wrong = name === undefined ? undefined : fields[name]?.invalid(random);
    if (name === undefined || wrong === undefined) body["unknown"] = random.pick(WRONG_TYPES);
    else body[name] = wrong;
  }
  return body;
}
