// Checks options where they are given, so that a wrong one fails at once with its name, value and range.

import { InvalidOptionError } from "./edgeq-error.ts";

export interface IntegerRange {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

/** The option, or its default when it is absent. Throws InvalidOptionError outside the range. */
export function integerOption(name: string, given: unknown, { min, max, unit }: IntegerRange, absent: number): number {
  if (given === undefined) return absent;
  if (typeof given === "number" && Number.isInteger(given) && given >= min && given <= max) return given;
  const range = `an integer from ${min.toLocaleString("en")} to ${max.toLocaleString("en")}`;
  throw new InvalidOptionError(name, given, range + (unit ? ` (${unit})` : ""));
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
