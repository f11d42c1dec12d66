// Reads the fields of a JSON object one by one, each with its type and range; what is left over is unknown and refused.

import { Invalid } from "./invalid.ts";

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

export class Fields {
  readonly #object: Readonly<Record<string, unknown>>;
  readonly #path: string;
  #left: number;

  /** @param path what to call the object in errors: "" for the body itself, "tasks[3]" for a part of it */
  constructor(value: unknown, path = "") {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      throw new Invalid(path === "" ? "body" : path, value, "a JSON object");
    }
    this.#object = value as Readonly<Record<string, unknown>>;
    this.#path = path;
    this.#left = Object.keys(value).length;
  }

  pathOf(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#object, name);
  }

  isNull(name: string): boolean {
    return this.has(name) && this.#object[name] === null;
  }

  /** The field as it is; undefined when it is absent. */
  take(name: string): unknown {
    if (!this.has(name)) return undefined;
    this.#left -= 1;
    return this.#object[name];
  }

  refuse(name: string, allowed: string): never {
    throw new Invalid(this.pathOf(name), this.#object[name], allowed);
  }

  /** The field as `parse` makes it; undefined when it is absent. */
  read<Value>(name: string, parse: (value: unknown, path: string) => Value): Value | undefined {
    const value = this.take(name);
    return value === undefined ? undefined : parse(value, this.pathOf(name));
  }

  integer(name: string, range: IntegerRange): number | undefined {
    return this.read(name, (value, path) => integer(value, path, range));
  }

  number(name: string, range: IntegerRange): number | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value !== "number" || !(value >= range.min && value <= range.max)) {
      this.refuse(name, `a number from ${range.min} to ${range.max}`);
    }
    return value;
  }

  boolean(name: string): boolean | undefined {
    const value = this.take(name);
    if (value === undefined || typeof value === "boolean") return value;
    return this.refuse(name, "true or false");
  }

  /** Text without control characters or lone surrogates, from 1 character up. */
  text(name: string, maxLength: number): string | undefined {
    return this.read(name, (value, path) => text(value, path, maxLength));
  }

  /** Any well-formed text. */
  freeText(name: string): string | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    if (typeof value !== "string" || !value.isWellFormed()) return this.refuse(name, "text without lone surrogates");
    return value;
  }

  /** @param allowed what the pattern stands for, as the error says it; absent: a name */
  matching(name: string, pattern: RegExp, allowed?: string): string | undefined {
    return this.read(name, (value, path) => matching(value, path, pattern, allowed));
  }

  oneOf<Choice extends string>(name: string, choices: readonly Choice[]): Choice | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    return choices.find((choice) => choice === value) ?? this.refuse(name, `one of ${choices.join(", ")}`);
  }

  /** @param items what the array is of, as the error says it */
  array<Item>(
    name: string,
    maxItems: number,
    parse: (item: unknown, path: string) => Item,
    items = "items",
  ): Item[] | undefined {
    const value = this.take(name);
    if (value === undefined) return undefined;
    const path = this.pathOf(name);
    if (!Array.isArray(value) || value.length === 0 || value.length > maxItems) {
      throw new Invalid(path, value, arrayOf(maxItems, items));
    }
    return value.map((item, index) => parse(item, `${path}[${index}]`));
  }

  /** Call last. @param known the names that were asked for, as the error lists them */
  end(known: readonly string[]): void {
    if (this.#left === 0) return;
    for (const name of Object.keys(this.#object)) {
      if (!known.includes(name)) throw new Invalid(this.pathOf(name), this.#object[name], onlyFields(known));
    }
  }
}

/** A list as errors say it. */
export function arrayOf(maxItems: number, items: string): string {
  return `an array of 1 to ${maxItems.toLocaleString("en")} ${items}`;
}

function onlyFields(known: readonly string[]): string {
  return known.length === 0 ? "no fields" : `only the fields ${known.join(", ")}`;
}

export function integer(value: unknown, path: string, range: IntegerRange): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= range.min && value <= range.max) return value;
  throw new Invalid(path, value, integerIn(range));
}

/** A range as errors say it. */
export function integerIn({ min, max, unit }: IntegerRange): string {
  const range = `an integer from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}`;
  return unit === undefined ? range : `${range} (${unit})`;
}

// Control characters, which no log or terminal shows as they are.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

export function text(value: unknown, path: string, maxLength: number): string {
  const isText =
    typeof value === "string" &&
    value.length >= 1 &&
    value.length <= maxLength &&
    value.isWellFormed() &&
    !CONTROL.test(value);
  if (isText) return value;
  throw new Invalid(
    path,
    value,
    `text of 1 to ${maxLength.toLocaleString("en")} characters, no control characters or lone surrogates`,
  );
}

export function matching(
  value: unknown,
  path: string,
  pattern: RegExp,
  allowed = `a name matching ${pattern.source}`,
): string {
  if (typeof value === "string" && pattern.test(value)) return value;
  throw new Invalid(path, value, allowed);
}
