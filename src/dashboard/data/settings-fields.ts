// The settings as a form has them: what each means, its unit, its range and whether it can be without a value. The ranges are
// those of `protocol/limits.ts`. A test walks the API's declaration of the settings: each has a field here, with the same range.

import { PUBLIC_LIMITS } from "../../protocol/limits.ts";
import type { WireBudget } from "../../protocol/wire-queue.ts";

/** Fields that belong together, under one heading. */
type Group = "Attempts" | "What it keeps" | "Keys" | "Rate" | "Limits" | "Budget";

export interface SettingField {
  /** As in the API, with a dot before a part of it. */
  readonly name: string;
  readonly group: Group;
  readonly title: string;
  readonly effect: string;
  /** As it is written after the value; "": the value says it. */
  readonly unit: string;
  /** For numbers. */
  readonly range: { readonly min: number; readonly max: number; readonly isWhole: boolean } | null;
  /** For what is one of a few words: each with what it means. */
  readonly choices?: Readonly<Record<string, string>>;
  /** What an empty field means; null: it must have a value. */
  readonly empty: string | null;
}

const whole = (min: number, max: number): SettingField["range"] => ({ min, max, isWhole: true });
const part = (min: number, max: number): SettingField["range"] => ({ min, max, isWhole: false });

/** A rate is null or has all three parts: see `rateOf`. */
function rateFields(before: "rate" | "keys.rate", group: Group, of: string, empty: string): readonly SettingField[] {
  return [
    {
      name: `${before}.limit`,
      group,
      title: `Rate ${of}`,
      effect: `Attempts ${of} that begin in a period, in the long run.`,
      unit: "attempts",
      range: whole(1, PUBLIC_LIMITS.rateLimit),
      empty,
    },
    {
      name: `${before}.periodMs`,
      group,
      title: `Period ${of}`,
      effect: "How long that period is.",
      unit: "ms",
      range: whole(1, PUBLIC_LIMITS.ratePeriodMs),
      empty: "a second",
    },
    {
      name: `${before}.burst`,
      group,
      title: `Burst ${of}`,
      effect: "Attempts that may begin at once after a rest.",
      unit: "attempts",
      range: whole(1, PUBLIC_LIMITS.rateLimit),
      empty: "one",
    },
  ];
}

function limitField(name: string, title: string, effect: string, unit: string, min: number, max: number): SettingField {
  const empty = "what holds for every queue";
  return { name: `limits.${name}`, group: "Limits", title, effect, unit, range: whole(min, max), empty };
}

const PER_SECOND = PUBLIC_LIMITS.rateLimit;

/** What follows when a budget is used up. */
export const ON_REACH: Readonly<Record<WireBudget["onReach"], string>> = {
  warn: "a line in the log",
  slow: "one enqueue and one claim a second",
  "stop-enqueue": "nothing is enqueued",
  stop: "nothing is enqueued or claimed",
};

export const SETTING_FIELDS: readonly SettingField[] = [
  {
    name: "claimTimeoutMs",
    group: "Attempts",
    title: "Claim timeout",
    effect:
      "How long a claim lasts unless it says otherwise. A consumer that dies gives its tasks back after this long.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.claimTimeoutMs),
    empty: null,
  },
  {
    name: "maxAttempts",
    group: "Attempts",
    title: "Attempts",
    effect: "A task is dead when its last allowed attempt fails.",
    unit: "attempts",
    range: whole(1, PUBLIC_LIMITS.maxAttempts),
    empty: "no limit",
  },
  {
    name: "backoff.minMs",
    group: "Attempts",
    title: "First retry after",
    effect: "Delay before the second attempt.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.backoffMs),
    empty: null,
  },
  {
    name: "backoff.factor",
    group: "Attempts",
    title: "Then times",
    effect: "Each further attempt waits this many times longer.",
    unit: "times",
    range: part(1, PUBLIC_LIMITS.backoffFactor),
    empty: null,
  },
  {
    name: "backoff.maxMs",
    group: "Attempts",
    title: "At most",
    effect: "The delay never grows past this.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.backoffMs),
    empty: null,
  },
  {
    name: "backoff.jitter",
    group: "Attempts",
    title: "Jitter",
    effect: "Share of the delay that is random, so that tasks which failed together do not return together.",
    unit: "of it",
    range: part(0, 1),
    empty: null,
  },
  {
    name: "deadLetterQueue",
    group: "Attempts",
    title: "Dead-letter queue",
    effect: "Queue that receives dead tasks. Moving one costs about three rows written.",
    unit: "",
    range: null,
    empty: "none: dead tasks stay here",
  },
  {
    name: "retentionMs",
    group: "What it keeps",
    title: "Retention",
    effect: "How long a task is kept that nobody finishes.",
    unit: "ms",
    range: whole(1_000, PUBLIC_LIMITS.retentionMs),
    empty: "for ever",
  },
  {
    name: "dedupeMs",
    group: "What it keeps",
    title: "Dedupe window",
    effect: "How long a finished task's own id still counts as a duplicate. Costs up to two rows for each such task.",
    unit: "ms",
    range: whole(0, PUBLIC_LIMITS.dedupeMs),
    empty: null,
  },
  {
    name: "maxBacklog",
    group: "What it keeps",
    title: "Most tasks",
    effect: "Tasks that the queue holds before it refuses more.",
    unit: "tasks",
    range: whole(1, PUBLIC_LIMITS.maxBacklog),
    empty: "what its storage holds",
  },
  {
    name: "maxInFlight",
    group: "What it keeps",
    title: "Most claimed",
    effect: "Claimed tasks at one time.",
    unit: "tasks",
    range: whole(1, PUBLIC_LIMITS.maxInFlight),
    empty: null,
  },
  {
    name: "keys.order",
    group: "Keys",
    title: "Order of a key",
    effect: "Whether the tasks of one key wait for each other.",
    unit: "",
    range: null,
    choices: {
      none: "they do not",
      fifo: "one after another, retries included",
      strict: "the same, and a dead one blocks its key",
    },
    empty: null,
  },
  {
    name: "keys.concurrency",
    group: "Keys",
    title: "Claimed of a key",
    effect: "Claimed tasks of one key at one time. With an order, one or empty.",
    unit: "tasks",
    range: whole(1, PUBLIC_LIMITS.keyConcurrency),
    empty: "any number",
  },
  {
    name: "keys.fairness",
    group: "Keys",
    title: "Fairness",
    effect: "Whose turn it is when tasks of many keys are ready.",
    unit: "",
    range: null,
    choices: {
      none: "first come, first served",
      robin: "keys take turns, task by task",
      share: "keys take turns by how long their tasks run",
    },
    empty: null,
  },
  ...rateFields("keys.rate", "Keys", "of a key", "any number"),
  ...rateFields("rate", "Rate", "of the queue", "any number"),
  limitField("requestsPerSecond", "Requests", "Requests by HTTP, sockets and bindings.", "a second", 1, PER_SECOND),
  limitField("tasksPerSecond", "New tasks", "Tasks enqueued, or inserted by modify.", "a second", 1, PER_SECOND),
  limitField("rowsPerSecond", "Rows written", "Rows written, whatever for.", "a second", 1, PER_SECOND),
  limitField(
    "parkedClaims",
    "Waiting claims",
    "Claims that wait at one time.",
    "claims",
    0,
    PUBLIC_LIMITS.parkedClaims,
  ),
  limitField("sockets", "Sockets", "Sockets open at one time.", "sockets", 0, PUBLIC_LIMITS.sockets),
  {
    name: "budget.rowsPerHour",
    group: "Budget",
    title: "Rows an hour",
    effect: "Rows written in an hour of the clock, alarms among them. Cloudflare bills $1 a million.",
    unit: "rows",
    range: whole(1, PUBLIC_LIMITS.budgetRows),
    empty: "any number",
  },
  {
    name: "budget.usdPerDay",
    group: "Budget",
    title: "Dollars a day",
    effect: "What the queue may cost in a day (UTC).",
    unit: "dollars",
    range: part(0.01, PUBLIC_LIMITS.budgetUsd),
    empty: "any sum",
  },
  {
    name: "budget.onReach",
    group: "Budget",
    title: "When it is used up",
    effect: "What follows until the hour or the day ends.",
    unit: "",
    range: null,
    choices: ON_REACH,
    empty: null,
  },
];
