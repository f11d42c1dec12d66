// The settings as a form has them: what each means, its unit, its range and whether it can be without a value. The ranges are
// those of `protocol/limits.ts`. A test walks the API's declaration of the settings: each has a field here, with the same range.

import { PUBLIC_LIMITS } from "../../protocol/limits.ts";
import type { WireBudget } from "../../protocol/wire-queue.ts";

export interface SettingField {
  /** As in the API, with a dot before a part of it. */
  readonly name: string;
  readonly title: string;
  readonly effect: string;
  /** As it is written after the value. Absent: the value says it. */
  readonly unit?: string;
  /** For numbers. */
  readonly range?: { readonly min: number; readonly max: number; readonly isWhole: boolean };
  /** For what is one of a few words: each with what it means. */
  readonly choices?: Readonly<Record<string, string>>;
  /** What an empty field means. Absent: it must have a value. */
  readonly empty?: string;
}

type Range = NonNullable<SettingField["range"]>;
const whole = (min: number, max: number): Range => ({ min, max, isWhole: true });
const part = (min: number, max: number): Range => ({ min, max, isWhole: false });

/** A rate is null or has all three parts: see `rateOf`. */
function rateFields(before: "rate" | "keys.rate", of: string, empty: string): readonly SettingField[] {
  return [
    {
      name: `${before}.limit`,
      title: `Rate ${of}`,
      effect: `Attempts ${of} that begin in a period, in the long run.`,
      unit: "attempts",
      range: whole(1, PUBLIC_LIMITS.rateLimit),
      empty,
    },
    {
      name: `${before}.periodMs`,
      title: `Period ${of}`,
      effect: "How long that period is.",
      unit: "ms",
      range: whole(1, PUBLIC_LIMITS.ratePeriodMs),
      empty: "a second",
    },
    {
      name: `${before}.burst`,
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
  return { name: `limits.${name}`, title, effect, unit, range: whole(min, max), empty };
}

const PER_SECOND = PUBLIC_LIMITS.rateLimit;

/** What follows when a budget is used up. */
export const ON_REACH: Readonly<Record<WireBudget["onReach"], string>> = {
  warn: "a line in the log",
  slow: "one enqueue and one claim a second",
  "stop-enqueue": "nothing is enqueued",
  stop: "nothing is enqueued or claimed",
};

/** Those that belong together under one heading. */
export const SETTING_GROUPS: Readonly<Record<string, readonly SettingField[]>> = {
  Attempts: [
    {
      name: "claimTimeoutMs",
      title: "Claim timeout",
      effect:
        "How long a claim lasts unless it says otherwise. A consumer that dies gives its tasks back after this long.",
      unit: "ms",
      range: whole(0, PUBLIC_LIMITS.claimTimeoutMs),
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
    },
    {
      name: "backoff.factor",
      title: "Then times",
      effect: "Each further attempt waits this many times longer.",
      unit: "times",
      range: part(1, PUBLIC_LIMITS.backoffFactor),
    },
    {
      name: "backoff.maxMs",
      title: "At most",
      effect: "The delay never grows past this.",
      unit: "ms",
      range: whole(0, PUBLIC_LIMITS.backoffMs),
    },
    {
      name: "backoff.jitter",
      title: "Jitter",
      effect: "Share of the delay that is random, so that tasks which failed together do not return together.",
      unit: "of it",
      range: part(0, 1),
    },
    {
      name: "deadLetterQueue",
      title: "Dead-letter queue",
      effect: "Queue that receives dead tasks. Moving one costs about three rows written.",
      empty: "none: dead tasks stay here",
    },
  ],
  "What it keeps": [
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
    },
  ],
  Keys: [
    {
      name: "keys.order",
      title: "Order of a key",
      effect: "Whether the tasks of one key wait for each other.",
      choices: {
        none: "they do not",
        fifo: "one after another, retries included",
        strict: "the same, and a dead one blocks its key",
      },
    },
    {
      name: "keys.concurrency",
      title: "Claimed of a key",
      effect: "Claimed tasks of one key at one time. With an order, one or empty.",
      unit: "tasks",
      range: whole(1, PUBLIC_LIMITS.keyConcurrency),
      empty: "any number",
    },
    {
      name: "keys.fairness",
      title: "Fairness",
      effect: "Whose turn it is when tasks of many keys are ready.",
      choices: {
        none: "first come, first served",
        robin: "keys take turns, task by task",
        share: "keys take turns by how long their tasks run",
      },
    },
    ...rateFields("keys.rate", "of a key", "any number"),
  ],
  Rate: rateFields("rate", "of the queue", "any number"),
  Limits: [
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
  ],
  Budget: [
    {
      name: "budget.rowsPerHour",
      title: "Rows an hour",
      effect: "Rows written in an hour of the clock, alarms among them. Cloudflare bills $1 a million.",
      unit: "rows",
      range: whole(1, PUBLIC_LIMITS.budgetRows),
      empty: "any number",
    },
    {
      name: "budget.usdPerDay",
      title: "Dollars a day",
      effect: "What the queue may cost in a day (UTC).",
      unit: "dollars",
      range: part(0.01, PUBLIC_LIMITS.budgetUsd),
      empty: "any sum",
    },
    {
      name: "budget.onReach",
      title: "When it is used up",
      effect: "What follows until the hour or the day ends.",
      choices: ON_REACH,
    },
  ],
};

export const SETTING_FIELDS: readonly SettingField[] = Object.values(SETTING_GROUPS).flat();
