// Objects: each field with its schema and its sentence for the docs. What is not declared is refused, never passed over.

import { Invalid } from "../invalid.ts";
import { unlinked } from "../unlinked.ts";
import type { Field, FieldMap, Presence, Schema, ValueOf, WireOf } from "./schema.ts";
import { thousands } from "../../core/thousands.ts";

/** @param missing what a refusal says when it is absent; default: what is allowed */
export function required<Value, Wire>(
  schema: Schema<Value, Wire>,
  about = "",
  missing: string = schema.allowed,
): Field<Value, Wire, "required"> {
  return { schema, presence: "required", about, absent: "required", missing };
}

/** @param absent what its absence means: "none", "the queue's" */
export function optional<Value, Wire>(
  schema: Schema<Value, Wire>,
  absent = "none",
  about = "",
): Field<Value, Wire, "optional"> {
  return { schema, presence: "optional", about, absent, missing: schema.allowed };
}

/** The same fields, none of which may be left out. */
export function allRequired<const Fields extends FieldMap>(fields: Fields): AllRequired<Fields> {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, { schema, about }]) => [name, required(schema, about)]),
  ) as AllRequired<Fields>;
}

type AllRequired<Fields extends FieldMap> = {
  readonly [Name in keyof Fields]: Field<ValueOf<Fields[Name]["schema"]>, WireOf<Fields[Name]["schema"]>, "required">;
};

/** @param wireFallback what its absence stands for */
export function defaulted<Value, Wire>(
  schema: Schema<Value, Wire>,
  wireFallback: Wire,
  about = "",
): Field<Value, Wire, "defaulted"> {
  const { parse, allowed } = schema;
  const fallback = parse(wireFallback, "");
  return {
    schema,
    presence: "defaulted",
    about,
    absent: shownDefault(wireFallback),
    missing: allowed,
    fallback,
    wireFallback,
  };
}

/** A default as docs show it: numbers in groups of three digits. */
export function shownDefault(value: unknown): string {
  return typeof value === "number" ? thousands(value) : `\`${JSON.stringify(value)}\``;
}

type NamesOf<Fields extends FieldMap, Is extends Presence> = {
  [Name in keyof Fields]: Fields[Name]["presence"] extends Is ? Name : never;
}[keyof Fields];
type Flat<Of> = { [Name in keyof Of]: Of[Name] };

/** What reading the fields makes of them: one that is optional and absent stays absent. */
export type ValuesOf<Fields extends FieldMap> = Flat<
  { readonly [Name in NamesOf<Fields, "required" | "defaulted">]: ValueOf<Fields[Name]["schema"]> } & {
    readonly [Name in NamesOf<Fields, "optional">]?: ValueOf<Fields[Name]["schema"]>;
  }
>;

/** The fields as they are sent. */
export type WiresOf<Fields extends FieldMap> = Flat<
  { readonly [Name in NamesOf<Fields, "required">]: WireOf<Fields[Name]["schema"]> } & {
    readonly [Name in NamesOf<Fields, "optional" | "defaulted">]?: WireOf<Fields[Name]["schema"]>;
  }
>;

/** Refuses a field for what it says together with others. */
export type Refuse<Name extends string> = (name: Name, allowed: string) => never;

export interface ObjectSchema<Fields extends FieldMap, Value> extends Schema<Value, WiresOf<Fields>> {
  readonly fields: Fields;
  readonly finish: Finish<Fields, Value>;
}

/** What the fields mean together. */
type Finish<Fields extends FieldMap, Value> = (
  values: ValuesOf<Fields>,
  refuse: Refuse<keyof Fields & string>,
  path: string,
) => Value;

export function object<const Fields extends FieldMap>(fields: Fields): ObjectSchema<Fields, ValuesOf<Fields>>;
export function object<const Fields extends FieldMap, Value>(
  fields: Fields,
  finish: Finish<Fields, Value>,
): ObjectSchema<Fields, Value>;
export function object<const Fields extends FieldMap, Value>(
  fields: Fields,
  finish?: Finish<Fields, Value>,
): ObjectSchema<Fields, Value> {
  const list = Object.entries(fields).map(([name, field]) => ({ name, parse: field.schema.parse, ...field }));
  const known = list.map(({ name }) => name);
  const unknown = known.length === 0 ? "no fields" : `only the fields ${known.join(", ")}`;
  return {
    fields,
    finish: finish ?? ((values) => values as Value),
    allowed: "a JSON object",
    json: {
      type: "object",
      properties: Object.fromEntries(list.map((field) => [field.name, propertyOf(field)])),
      required: list.filter(({ presence }) => presence === "required").map(({ name }) => name),
      additionalProperties: false,
    },
    parse: (value, path) => {
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new Invalid(path === "" ? "body" : path, value, "a JSON object");
      const given = value as Readonly<Record<string, unknown>>;
      const values: Record<string, unknown> = {};
      let left = 0;
      for (const _name in given) left += 1;
      for (const { name, parse, presence, missing, fallback } of list) {
        // To look for a field that is not there takes as long as to read one: with the last that is given it ends.
        const one = left === 0 ? undefined : given[name];
        if (one !== undefined) {
          left -= 1;
          values[name] = parse(one, path === "" ? name : `${path}.${name}`);
        } else if (presence === "required") throw new Invalid(pathOf(path, name), undefined, missing);
        else if (presence === "defaulted") values[name] = fallback;
      }
      if (left > 0) refuseUnknown(given, path, known, unknown);
      if (finish === undefined) return values as Value;
      const refuse = (name: string, allowed: string): never => {
        throw new Invalid(pathOf(path, name), given[name], allowed);
      };
      return finish(values as ValuesOf<Fields>, refuse, path);
    },
  };
}

/** One without fields. */
export const NOTHING = object({});

/** The same object with more fields, whose values stand beside what it is read into. */
export function withFields<More extends FieldMap, Fields extends FieldMap, Value>(
  more: More,
  schema: ObjectSchema<Fields, Value>,
): Schema<ValuesOf<More> & Value, WiresOf<More> & WiresOf<Fields>> {
  const names = new Set(Object.keys(more));
  const { finish } = schema;
  const whole = object({ ...more, ...schema.fields }, (values, refuse, path) => {
    const beside: Record<string, unknown> = {};
    const own: Record<string, unknown> = {};
    for (const name in values) (names.has(name) ? beside : own)[name] = (values as Record<string, unknown>)[name];
    return { ...beside, ...finish(own as ValuesOf<Fields>, refuse, path) };
  });
  return whole as unknown as Schema<ValuesOf<More> & Value, WiresOf<More> & WiresOf<Fields>>;
}

function pathOf(path: string, name: string): string {
  return path === "" ? name : `${path}.${name}`;
}

function refuseUnknown(given: object, path: string, known: readonly string[], allowed: string): void {
  for (const [name, value] of Object.entries(given))
    if (!known.includes(name) && value !== undefined) throw new Invalid(pathOf(path, name), value, allowed);
}

function propertyOf({ schema, about, presence, wireFallback }: Field): Readonly<Record<string, unknown>> {
  return {
    ...schema.json,
    ...(about === "" ? {} : { description: unlinked(about) }),
    ...(presence === "defaulted" ? { default: wireFallback } : {}),
  };
}
