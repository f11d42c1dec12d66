// A schema of a JSON value: how it is read, how errors and docs say it, and the same as JSON Schema and as a type.

export type JsonSchema = Readonly<Record<string, unknown>>;

/**
 * @typeParam Value what reading makes of it
 * @typeParam Wire its type as JSON; by inference, it exists in types only
 */
export interface Schema<Value, Wire = Value> {
  /**
   * @param path what to call the value in an error: "" for a body as a whole
   * @throws {Invalid}
   */
  readonly parse: (value: unknown, path: string) => Value;
  /** What is allowed, as errors and docs say it. Made once: to write numbers as people do takes longer than to read a body. */
  readonly allowed: string;
  readonly json: JsonSchema;
  readonly wire?: Wire;
  /** Fields that the docs list for it beside or in place of its own: of an object inside, or of each item of an array. */
  readonly docs?: FieldMap;
}

/** How a field may be left out. */
export type Presence = "required" | "optional" | "defaulted";

export interface Field<Value = unknown, Wire = unknown, Is extends Presence = Presence> {
  readonly schema: Schema<Value, Wire>;
  readonly presence: Is;
  /** In a sentence or two; may be "". */
  readonly about: string;
  /** What its absence means, as the docs say it. */
  readonly absent: string;
  /** What is allowed, as the error says it when it is missing. */
  readonly missing: string;
  /** What is read where it is absent, and the same as it could be sent. */
  readonly fallback?: Value;
  readonly wireFallback?: Wire;
}

export type FieldMap = Readonly<Record<string, Field>>;

// `any` would do in place of these two, and is not allowed: they infer what a schema is of.
export type ValueOf<Of> = Of extends Schema<infer Value, infer _Wire> ? Value : never;
export type WireOf<Of> = Of extends Schema<infer _Value, infer Wire> ? Wire : never;

/** The same JSON, read into something else. */
export function mapped<From, To, Wire>(
  schema: Schema<From, Wire>,
  to: (value: From, path: string) => To,
): Schema<To, Wire> {
  return { ...schema, parse: (value, path) => to(schema.parse(value, path), path) };
}

/** The same with null for "none". */
export function nullable<Value, Wire>(schema: Schema<Value, Wire>): Schema<Value | null, Wire | null> {
  return {
    parse: (value, path) => (value === null ? null : schema.parse(value, path)),
    allowed: schema.allowed,
    json: { anyOf: [schema.json, { type: "null" }] },
  };
}
