// Bad input, told so that its sender can mend it: which field, what was given, what is allowed.

export interface InvalidInput {
  readonly kind: "invalid";
  readonly field: string;
  readonly given: unknown;
  readonly allowed: string;
}

/** Thrown inside `wire/` only, so that a parser reads as a list of fields; `parsed` turns it into a value. */
export class Invalid extends Error {
  readonly field: string;
  readonly given: unknown;
  readonly allowed: string;

  constructor(field: string, given: unknown, allowed: string) {
    super(`${field}: ${allowed}`);
    this.field = field;
    this.given = given;
    this.allowed = allowed;
  }
}

export type Parsed<Value> = { readonly kind: "parsed"; readonly value: Value } | InvalidInput;

/** Runs a parser. What it refuses is returned; anything else it throws is a bug and goes on. */
export function parsed<Value>(parse: () => Value): Parsed<Value> {
  try {
    return { kind: "parsed", value: parse() };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    return { kind: "invalid", field: error.field, given: shown(error.given), allowed: error.allowed };
  }
}

const SHOWN_LENGTH = 100;

/** What was given, short enough to send back. */
export function shown(given: unknown): unknown {
  if (given === undefined || given === null || typeof given === "boolean") return given ?? null;
  if (typeof given === "number") return Number.isFinite(given) ? given : String(given);
  if (typeof given === "string") {
    const text = given.toWellFormed();
    return text.length <= SHOWN_LENGTH ? text : `${text.slice(0, SHOWN_LENGTH)}... (${text.length} characters)`;
  }
  return Array.isArray(given) ? `an array of ${given.length}` : "an object";
}
