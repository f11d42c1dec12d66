// Bad input, described so that its sender can correct it: which field, what was given, what is allowed.

export interface InvalidInput {
  readonly kind: "invalid";
  /** A payload beyond its limit has a code of its own. */
  readonly code: InvalidCode;
  readonly field: string;
  /** undefined: the field is missing. */
  readonly given: unknown;
  readonly allowed: string;
}

export type InvalidCode = "invalid-request" | "payload-too-large";

/** Thrown inside `api/` only, so that a parser reads as a list of fields; `parsed` turns it into a value. */
export class Invalid extends Error {
  readonly field: string;
  readonly given: unknown;
  readonly allowed: string;
  readonly code: InvalidCode;

  constructor(field: string, given: unknown, allowed: string, code: InvalidCode = "invalid-request") {
    super(`${field}: ${allowed}`);
    this.field = field;
    this.given = given;
    this.allowed = allowed;
    this.code = code;
  }
}

export type Parsed<Value> = { readonly kind: "parsed"; readonly value: Value } | InvalidInput;

/** Runs a parser. What it refuses is returned; anything else it throws is a bug and goes on. */
export function parsed<Value>(parse: () => Value): Parsed<Value> {
  try {
    return { kind: "parsed", value: parse() };
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const { code, field, given, allowed } = error;
    // A field may be named by the sender, at any length.
    return { kind: "invalid", code, field: shownText(field), given: shown(given), allowed };
  }
}

/** What is wrong, for a log or a sentence of one's own. */
export function invalidText({ field, given, allowed }: Pick<InvalidInput, "field" | "given" | "allowed">): string {
  return `${field}: given ${given === undefined ? "nothing" : JSON.stringify(given)}, allowed: ${allowed}`;
}

const SHOWN_LENGTH = 100;

/** What was given, short enough to send back. */
export function shown(given: unknown): unknown {
  if (given === undefined || given === null || typeof given === "boolean") return given;
  if (typeof given === "number") return Number.isFinite(given) ? given : String(given);
  if (typeof given === "string") return shownText(given);
  return Array.isArray(given) ? `an array of ${given.length}` : "an object";
}

/** Text, short enough to send back. */
export function shownText(text: string): string {
  const head = text.slice(0, SHOWN_LENGTH).toWellFormed();
  return text.length <= SHOWN_LENGTH ? head : `${head}... (${text.length} characters)`;
}
