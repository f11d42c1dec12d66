// The settings as text in the form's fields, and back as a change that the API takes.

import { QUEUE_NAME } from "../../protocol/limits.ts";
import type { WireRate, WireSettings, WireSettingsPatch } from "../../protocol/wire-queue.ts";
import type { SettingField } from "./settings-fields.ts";

/** The text of a field, by its name. */
type TextOf = (name: string) => string;

/** A part of a rate, which is null or whole. */
const RATE_PART = /^((?:keys\.)?rate)\.(?:limit|periodMs|burst)$/;
const SECOND_MS = 1_000;

/** The setting as the form's text; "" for null. */
export function textOfSetting(settings: WireSettings, name: string): string {
  let value: unknown = settings;
  for (const part of name.split(".")) value = (value as Readonly<Record<string, unknown>> | null)?.[part];
  return typeof value === "number" || typeof value === "string" ? String(value) : "";
}

/** Why a text cannot be the setting; null: it can. @param textOf of the other fields */
export function whyNotSetting(
  { name, range, choices, empty }: SettingField,
  text: string,
  textOf: TextOf,
): string | null {
  const [, rate = null] = RATE_PART.exec(name) ?? [];
  if (text === "") return empty === undefined ? "It must have a value" : null;
  if (rate !== null && textOf(`${rate}.limit`) === "") return "It counts only with a number of attempts";
  if (choices !== undefined) return Object.hasOwn(choices, text) ? null : `One of ${Object.keys(choices).join(", ")}`;
  if (range === undefined)
    return QUEUE_NAME.test(text) ? null : "Letters, digits, dot, underscore and hyphen, at most 80";
  const value = Number(text);
  const isRight = Number.isFinite(value) && (!range.isWhole || Number.isInteger(value));
  if (isRight && value >= range.min && value <= range.max) return null;
  const kind = range.isWhole ? "A whole number" : "A number";
  return `${kind} from ${range.min.toLocaleString("en")} to ${range.max.toLocaleString("en")}`;
}

/**
 * A change of settings as the API takes it.
 *
 * @param fields those that have changed
 * @param textOf of every field, changed or not
 */
export function patchOf(fields: readonly SettingField[], textOf: TextOf): WireSettingsPatch {
  const patch: Record<string, unknown> = {};
  for (const { name, range } of fields) {
    const [, rate = null] = RATE_PART.exec(name) ?? [];
    const text = textOf(name);
    const value = rate !== null ? rateOf(rate, textOf) : text === "" ? null : range === undefined ? text : Number(text);
    const [outer = "", inner] = (rate ?? name).split(".");
    patch[outer] = inner === undefined ? value : { ...(patch[outer] as object | undefined), [inner]: value };
  }
  return patch;
}

function rateOf(rate: string, textOf: TextOf): WireRate | null {
  const [limit, periodMs, burst] = ["limit", "periodMs", "burst"].map((part) => textOf(`${rate}.${part}`));
  if (limit === "") return null;
  return { limit: Number(limit), periodMs: Number(periodMs || SECOND_MS), burst: Number(burst || 1) };
}
