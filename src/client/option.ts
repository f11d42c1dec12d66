// Checks options where they are given, so that a wrong one fails at once with its name, value and range.

import { InvalidOptionError } from "./edgeq-error.ts";

/** What a whole number may be, and what it is when it is absent. */
export type Integer = readonly [min: number, max: number, absent: number];

/** The option, or its default when it is absent. Throws InvalidOptionError outside the range. */
export function integerOption(name: string, given: number | undefined, range: Integer): number {
  // Most are absent, at each call: nothing else is looked at then.
  if (given === undefined) return range[2];
  const [min, max] = range;
  if (Number.isInteger(given) && given >= min && given <= max) return given;
  const allowed = `an integer from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}`;
  throw new InvalidOptionError(name, given, allowed + (name.endsWith("Ms") ? " (ms)" : ""));
}

/** The options of `what`, all of which are whole numbers. */
export function integerOptions<Name extends string>(
  what: string,
  given: { readonly [name in Name]?: number },
  known: Readonly<Record<Name, Integer>>,
): Record<Name, number> {
  const names = Object.keys(known) as Name[];
  knownOptions(what, given, names);
  const pairs = names.map((name) => [name, integerOption(`${what}.${name}`, given[name], known[name])]);
  return Object.fromEntries(pairs) as Record<Name, number>;
}

export function booleanOption(name: string, given: unknown, absent: boolean): boolean {
  if (given === undefined) return absent;
  if (typeof given === "boolean") return given;
  throw new InvalidOptionError(name, given, "true or false");
}

export function functionOption<Kind>(name: string, given: Kind): Kind {
  if (given === undefined || typeof given === "function") return given;
  throw new InvalidOptionError(name, given, "a function");
}

export function arrayOption(name: string, given: unknown): void {
  if (!Array.isArray(given)) throw new InvalidOptionError(name, given, "an array");
}

export function objectOption(name: string, given: unknown): void {
  if (typeof given !== "object" || given === null) throw new InvalidOptionError(name, given, "an object");
}

/** Refuses options that nobody asked for: most are misspelt. */
export function knownOptions(what: string, given: object, known: readonly string[]): void {
  objectOption(what, given);
  for (const [name, value] of Object.entries(given)) {
    if (!known.includes(name)) throw new InvalidOptionError(`${what}.${name}`, value, `one of ${known.join(", ")}`);
  }
}
