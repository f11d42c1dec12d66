// The settings as a form has them: what each means, its unit, its range and whether it can be without a value. The ranges are
// those of `protocol/limits.ts`.

import { PUBLIC_LIMITS, QUEUE_NAME } from "../../protocol/limits.ts";
import type { WireSettings } from "../../protocol/wire-queue.ts";

export interface SettingField {
  /** As in the API, with a dot before a part of it. */
  readonly name: string;
  readonly title: string;
  readonly effect: string;
  readonly unit: "ms" | "tasks" | "attempts" | "times" | "share" | "name";
  /** For numbers. */
  readonly range: { readonly min: number; readonly max: number; readonly isWhole: boolean } | null;
  /** What an empty field means; null: it must have a value. */
  readonly empty: string | null;
}

const whole = (min: number, max: number): SettingField["range"] => ({ min, max, isWhole: true });
const part = (min: number, max: number): SettingField["range"] => ({ min, max, isWhole: false });

export const SETTING_FIELDS: readonly SettingField[] = [
  {
    name: "claimTimeoutMs",
    title: "Claim timeout",
    effect:
      "How long a claim lasts unless it says otherwise. A consumer that dies gives its tasks back after this long.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.claimTimeoutMs),
    empty: null,
  },
  {
    name: "maxAttempts",
    title: "Attempts",
    effect: "A task is dead when its last allowed attempt fails.",
    unit: "attempts",
    range: whole(1, PUBLIC_LIMITS.maxAttempts),
    empty: "no limit",
  },
  {
    name: "backoff.minMs",
    title: "First retry after",
    effect: "Delay before the second attempt.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.backoffMs),
    empty: null,
  },
  {
    name: "backoff.factor",
    title: "Then times",
    effect: "Each further attempt waits this many times longer.",
    unit: "times",
    range: part(1, PUBLIC_LIMITS.backoffFactor),
    empty: null,
  },
  {
    name: "backoff.maxMs",
    title: "At most",
    effect: "The delay never grows past this.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.backoffMs),
    empty: null,
  },
  {
    name: "backoff.jitter",
    title: "Jitter",
    effect: "Share of the delay that is random, so that tasks which failed together do not return together.",
    unit: "share",
    range: part(0, 1),
    empty: null,
  },
  {
    name: "deadLetterQueue",
    title: "Dead-letter queue",
    effect: "Queue that receives dead tasks. Moving one costs about three rows written.",
    unit: "name",
    range: null,
    empty: "none: dead tasks stay here",
  },
  {
    name: "retentionMs",
    title: "Retention",
    effect: "How long a task is kept that nobody finishes.",
    unit: "ms",
    range: whole(1_000, PUBLIC_LIMITS.retentionMs),
    empty: "for ever",
  },
  {
    name: "dedupeMs",
    title: "Dedupe window",
    effect: "How long a finished task's own id still counts as a duplicate. Costs up to two rows for each such task.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.dedupeMs),
    empty: null,
  },
  {
    name: "maxBacklog",
    title: "Most tasks",
    effect: "Tasks that the queue holds before it refuses more.",
    unit: "tasks",
    range: whole(1, PUBLIC_LIMITS.maxBacklog),
    empty: "what its storage holds",
  },
  {
    name: "maxInFlight",
    title: "Most claimed",
    effect: "Claimed tasks at one time.",
    unit: "tasks",
    range: whole(1, PUBLIC_LIMITS.maxInFlight),
    empty: null,
  },
];

/** The setting as the form's text; "" for null. */
export function textOfSetting(
  { backoff, keys: _keys, rate: _rate, limits: _limits, budget: _budget, ...settings }: WireSettings,
  name: string,
): string {
  const flat: Readonly<Record<string, string | number | boolean | null>> = {
    ...settings,
    ...Object.fromEntries(Object.entries(backoff).map(([field, value]) => [`backoff.${field}`, value as number])),
  };
  return String(flat[name] ?? "");
}

/** Why a text cannot be the setting; null: it can. */
export function whyNotSetting({ range, empty }: SettingField, text: string): string | null {
  if (text === "") return empty === null ? "It must have a value" : null;
  if (range === null) return QUEUE_NAME.test(text) ? null : "Letters, digits, dot, underscore and hyphen, at most 80";
  const value = Number(text);
  const isRight = Number.isFinite(value) && (!range.isWhole || Number.isInteger(value));
  if (isRight && value >= range.min && value <= range.max) return null;
  const kind = range.isWhole ? "A whole number" : "A number";
  return `${kind} from ${range.min.toLocaleString("en")} to ${range.max.toLocaleString("en")}`;
}

/** A change of settings as the API takes it. */
export function patchOf(changes: Readonly<Record<string, string>>): Record<string, unknown> {
  const patch: Record<string, unknown> = {};
  const backoff: Record<string, unknown> = {};
  for (const [name, text] of Object.entries(changes)) {
    const value = text === "" ? null : name === "deadLetterQueue" ? text : Number(text);
    if (name.startsWith("backoff.")) backoff[name.slice("backoff.".length)] = value;
    else patch[name] = value;
  }
  return Object.keys(backoff).length === 0 ? patch : { ...patch, backoff };
}
