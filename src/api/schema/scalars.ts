// Numbers, texts and truth values: each with its range, which its errors say.

import { Invalid } from "../invalid.ts";
import type { JsonSchema, Schema } from "./schema.ts";
import { thousands } from "../../core/thousands.ts";

export interface Range {
  readonly min: number;
  readonly max: number;
  readonly unit?: string;
}

export function integer(range: Range): Schema<number> {
  const { min, max, unit } = range;
  const words = `an integer from ${thousands(min)} to ${thousands(max)}`;
  const allowed = unit === undefined ? words : `${words} (${unit})`;
  return scalar(
    allowed,
    { type: "integer", minimum: min, maximum: max },
    (value): value is number => typeof value === "number" && Number.isInteger(value) && value >= min && value <= max,
  );
}

export function number({ min, max }: Range): Schema<number> {
  return scalar(
    `a number from ${min} to ${max}`,
    { type: "number", minimum: min, maximum: max },
    (value): value is number => typeof value === "number" && value >= min && value <= max,
  );
}

export function boolean(): Schema<boolean> {
  return scalar("true or false", { type: "boolean" }, (value): value is boolean => typeof value === "boolean");
}

/** One value, which says what else an object holds. */
export function literal<const Only extends boolean | string>(only: Only): Schema<Only> {
  return scalar(JSON.stringify(only), { const: only }, (value): value is Only => value === only);
}

// Control characters, which no log or terminal shows as they are.
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;

/**
 * Text without control characters or lone surrogates, from 1 character up.
 *
 * @param allowed what it stands for, as the error says it; absent: text
 */
export function text(
  maxLength: number,
  allowed = `text of 1 to ${thousands(maxLength)} characters, no control characters or lone surrogates`,
): Schema<string> {
  return scalar(
    allowed,
    { type: "string", minLength: 1, maxLength },
    (value): value is string =>
      typeof value === "string" &&
      value.length >= 1 &&
      value.length <= maxLength &&
      value.isWellFormed() &&
      !CONTROL.test(value),
  );
}

/** Any text at all, for a field that mends it. */
export function anyText(): Schema<string> {
  return scalar("text", { type: "string" }, (value): value is string => typeof value === "string");
}

/** Any well-formed text. */
export function freeText(): Schema<string> {
  return scalar(
    "text without lone surrogates",
    { type: "string" },
    (value): value is string => typeof value === "string" && value.isWellFormed(),
  );
}

/** @param allowed what the pattern stands for, as the error says it; absent: a name */
export function matching(pattern: RegExp, allowed = `a name matching ${pattern.source}`): Schema<string> {
  return scalar(
    allowed,
    { type: "string", pattern: pattern.source },
    (value): value is string => typeof value === "string" && pattern.test(value),
  );
}

export function oneOf<const Choice extends string>(...choices: readonly Choice[]): Schema<Choice> {
  return scalar(`one of ${choices.join(", ")}`, { type: "string", enum: choices }, (value): value is Choice =>
    choices.some((choice) => choice === value),
  );
}

/** Whatever JSON can say. */
export function anyJson(): Schema<unknown> {
  return { parse: (value) => value, allowed: "any JSON value", json: {} };
}

function scalar<Value>(allowed: string, json: JsonSchema, is: (value: unknown) => value is Value): Schema<Value> {
  return {
    parse: (value, path) => {
      if (is(value)) return value;
      throw new Invalid(path, value, allowed);
    },
    allowed,
    json,
  };
}
