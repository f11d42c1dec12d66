// Values from a JSON Schema: some that it allows, the bounds among them, and some that are certain to be refused.

import type { Random } from "../simulation/random.ts";
import { anyValue } from "./any-value.ts";

/** The part of JSON Schema that the declarations use. */
export interface JsonSchema {
  readonly type?: "integer" | "number" | "boolean" | "string" | "array" | "object" | "null";
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly enum?: readonly string[];
  readonly const?: unknown;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly maxProperties?: number;
  readonly anyOf?: readonly JsonSchema[];
}

export interface Field {
  readonly valid: (random: Random) => unknown;
  /** undefined: nothing is certain to be refused. */
  readonly invalid: (random: Random) => unknown;
}

/** Field name -> values that exist. */
export type KnownValues = Readonly<Record<string, readonly string[]>>;

/** A batch of one too many is a large body, so it is seldom sent. */
const TOO_MANY = 0.02;
const LETTERS = "abcXYZ019._-";

/** @param name of the field, or of the array that it is an item of */
export function fieldOf(schema: JsonSchema, known: KnownValues, name = ""): Field {
  const { anyOf } = schema;
  if (anyOf !== undefined)
    return either(
      anyOf.map((one) => fieldOf(one, known, name)),
      anyOf,
    );
  if (schema.const !== undefined) return { valid: () => schema.const, invalid: () => ({ not: schema.const }) };
  switch (schema.type) {
    case "integer":
    case "number":
      return numbers(schema);
    case "boolean":
      return { valid: (random) => random.chance(0.5), invalid: (random) => random.pick([0, 1, "true", null, [], {}]) };
    case "null":
      return { valid: () => null, invalid: () => 0 };
    case "string":
      return texts(schema, known[name]);
    case "array":
      return list(fieldOf(schema.items ?? {}, known, name), schema);
    case "object":
      return schema.properties === undefined ? record(schema) : object(schema, known);
    case undefined:
      return { valid: (random) => anyValue(random, 3), invalid: () => undefined };
    default:
      return schema.type satisfies never;
  }
}

/** What is of the wrong type for each of the shapes, or wrong in the one that it has. */
function either(fields: readonly Field[], shapes: readonly JsonSchema[]): Field {
  const isObject = ({ type }: JsonSchema): boolean => type === "object";
  const allowed = new Set(shapes.map(({ type }) => type));
  const wrongTypes = [
    ...(allowed.has("boolean") ? [] : [true]),
    "\ud800",
    ...(allowed.has("number") ? [] : [0.5]),
    ...(allowed.has("null") ? [] : [null]),
    ...(allowed.has("array") ? [] : [[]]),
  ];
  return {
    valid: (random) => random.pick(fields).valid(random),
    invalid: (random) =>
      shapes.every(isObject) && random.chance(0.8) ? random.pick(fields).invalid(random) : random.pick(wrongTypes),
  };
}

function numbers({ type, minimum: min = -1e9, maximum: max = 1e9 }: JsonSchema): Field {
  const wrong = [min - 1, max + 1, "1x", 1e300, null, true, [min], {}, ...(type === "integer" ? [min + 0.5] : [])];
  return {
    valid: (random) => {
      if (type === "number") return min + random.next() * (max - min);
      return random.pick(
        [min, max, min + random.below(5), min + random.below(max - min + 1)].filter((at) => at <= max),
      );
    },
    invalid: (random) => random.pick(wrong),
  };
}

function texts({ minLength = 0, maxLength, pattern, enum: choices }: JsonSchema, known?: readonly string[]): Field {
  const allowed = pattern === undefined ? null : new RegExp(pattern);
  const wrong: unknown[] = [0, null, true, ["a"], {}];
  // A text with a length is a name, which holds no control characters; one without is anything that somebody writes, and is mended.
  if (maxLength !== undefined || pattern !== undefined || choices !== undefined) wrong.push("\ud800");
  if (maxLength !== undefined) wrong.push("a".repeat(maxLength + 1), "a\u0000", "a\nb", "\u007f");
  if (minLength > 0) wrong.push("");
  for (const text of ["-a", "a b", "a/b", "é", "..", "", "a".repeat(500)])
    if (allowed?.test(text) === false) wrong.push(text);
  const random = (chance: Random): string => {
    const length = 1 + chance.below(Math.min(maxLength ?? 20, 20));
    return `a${Array.from({ length: length - 1 }, () => LETTERS[chance.below(LETTERS.length)]).join("")}`;
  };
  if (choices !== undefined) {
    return { valid: (chance) => chance.pick(choices), invalid: (chance) => chance.pick([...wrong, `${choices[0]}x`]) };
  }
  return {
    valid: (chance) => {
      if (known !== undefined && chance.chance(0.9)) return chance.pick(known);
      return maxLength !== undefined && chance.chance(0.1) ? "a".repeat(maxLength) : random(chance);
    },
    invalid: (chance) => chance.pick(wrong),
  };
}

function list(item: Field, { minItems: min = 0, maxItems: max = 1_000 }: JsonSchema): Field {
  return {
    valid: (random) => Array.from({ length: Math.max(min, random.below(5)) }, () => item.valid(random)),
    invalid: (random) => {
      if (random.chance(TOO_MANY)) return Array.from({ length: max + 1 }, () => "a");
      const bad = item.invalid(random);
      if (bad !== undefined && random.chance(0.6)) return [item.valid(random), bad];
      return random.pick<unknown>([...(min > 0 ? [[]] : []), "a", 0, null, {}]);
    },
  };
}

/** An object of any names, such as headers. */
function record({ additionalProperties, maxProperties = 100 }: JsonSchema): Field {
  const item = fieldOf(typeof additionalProperties === "object" ? additionalProperties : {}, {});
  return {
    valid: (random) => named(random.below(4), () => item.valid(random)),
    invalid: (random) => {
      const bad = item.invalid(random);
      const wrong: unknown[] = [[], "a: b", null, 0, named(maxProperties + 1, () => "v")];
      return random.pick(bad === undefined ? wrong : [...wrong, named(1, () => bad)]);
    },
  };
}

function named(count: number, value: (index: number) => unknown): object {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`x-${index}`, value(index)]));
}

function object({ properties = {}, required = [] }: JsonSchema, known: KnownValues): Field {
  const fields = Object.entries(properties).map(([name, schema]) => ({ name, field: fieldOf(schema, known, name) }));
  const valid = (random: Random): Record<string, unknown> =>
    Object.fromEntries(
      fields
        .filter(({ name }) => required.includes(name) || random.chance(0.35))
        .map(({ name, field }) => [name, field.valid(random)]),
    );
  return {
    valid,
    invalid: (random) => {
      const body = valid(random);
      const kind = random.below(5);
      if (kind === 0) return random.pick<unknown>([[], [body], "text", 0, true, null]);
      if (kind === 1 && required.length > 0) delete body[random.pick(required)];
      else if (kind === 2 || fields.length === 0)
        body[random.pick(["unknown", "constructor", "Payload", "toString"])] = anyValue(random, 1);
      else {
        const { name, field } = random.pick(fields);
        const wrong = field.invalid(random);
        if (wrong === undefined) body["unknown"] = 1;
        else body[name] = wrong;
      }
      return body;
    },
  };
}
