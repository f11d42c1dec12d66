// The settings of a queue, as they are given and answered.

import { LIMITS } from "../../core/limits.ts";
import { DEFAULT_SETTINGS as DEFAULT } from "../../core/settings.ts";
import { claimTimeoutMs, flag, queueName } from "../schema/names.ts";
import { allRequired, object, optional, required, shownDefault } from "../schema/object.ts";
import { integer, number, oneOf } from "../schema/scalars.ts";
import { nullable } from "../schema/schema.ts";
import { keyConcurrency, rate } from "./rate-fields.ts";

const backoffMs = integer({ min: 0, max: LIMITS.backoffMs, unit: "ms" });
const { backoff } = DEFAULT;

const backoffPatch = object({
  minMs: optional(backoffMs, shownDefault(backoff.minMs), "Delay before the second attempt."),
  maxMs: optional(backoffMs, shownDefault(backoff.maxMs), "The delay never grows past this. At least `minMs`."),
  factor: optional(
    number({ min: 1, max: LIMITS.backoffFactor }),
    shownDefault(backoff.factor),
    "Each further attempt waits this many times longer.",
  ),
  jitter: optional(number({ min: 0, max: 1 }), shownDefault(backoff.jitter), "Share of the delay that is random."),
});

const order = oneOf("none", "fifo", "strict");
const fairness = oneOf("none", "robin", "share");

const keysPatch = object({
  order: optional(order, "`none`", "`fifo`: one after another; `strict`: a dead one blocks its key too."),
  concurrency: optional(nullable(keyConcurrency), "`null`", "Claimed tasks of one key. With an order: `null` or 1."),
  rate: optional(nullable(rate), "`null`", "Attempts of one key."),
  fairness: optional(
    fairness,
    "`robin`",
    "Keys take turns; `share`: by how long their tasks are claimed; `none`: first come, first served.",
  ),
});

const perSecond = nullable(integer({ min: 1, max: LIMITS.rateLimit }));

const limitsPatch = object({
  requestsPerSecond: optional(perSecond, "`null`", "Requests by HTTP, sockets and bindings."),
  tasksPerSecond: optional(perSecond, "`null`", "Tasks enqueued, or inserted by modify."),
  rowsPerSecond: optional(perSecond, "`null`", "Rows written, whatever for: what Cloudflare bills."),
  parkedClaims: optional(
    nullable(integer({ min: 0, max: LIMITS.parkedClaims })),
    "`null`",
    "Claims that wait at one time.",
  ),
  sockets: optional(nullable(integer({ min: 0, max: LIMITS.sockets })), "`null`", "Sockets open at one time."),
});

export const onReach = oneOf("warn", "slow", "stop-enqueue", "stop");
const budgetRows = nullable(integer({ min: 1, max: LIMITS.budgetRows }));
const budgetUsd = nullable(number({ min: 0.01, max: LIMITS.budgetUsd, unit: "dollars" }));

const budgetPatch = object({
  rowsPerHour: optional(budgetRows, "`null`", "Rows written in an hour of the clock, alarms among them."),
  usdPerDay: optional(budgetUsd, "`null`", "Dollars in a day (UTC), as `GET .../cost` reckons them."),
  onReach: optional(
    onReach,
    "`warn`",
    "Until the hour or day ends: a line in the log; `slow`: one enqueue and one claim a second; `stop-enqueue`: no enqueue; `stop`: no claim either.",
  ),
});

/** A change of settings: what is absent stays as it is. */
export const settingsPatch = object({
  claimTimeoutMs: optional(
    claimTimeoutMs,
    shownDefault(DEFAULT.claimTimeoutMs),
    "How long a claim lasts that names no time of its own.",
  ),
  maxAttempts: optional(
    nullable(integer({ min: 1, max: LIMITS.maxAttempts })),
    shownDefault(DEFAULT.maxAttempts),
    "Attempts before a task is dead. `null`: no limit.",
  ),
  backoff: optional(
    { ...backoffPatch, docs: backoffPatch.fields },
    "as it is",
    "Delay after a failure that names none.",
  ),
  deadLetterQueue: optional(
    nullable(queueName),
    shownDefault(DEFAULT.deadLetterQueue),
    "Queue that receives dead tasks. `null`: they stay, dead.",
  ),
  retentionMs: optional(
    nullable(integer({ min: 1_000, max: LIMITS.retentionMs, unit: "ms" })),
    shownDefault(DEFAULT.retentionMs),
    "How long an unfinished task is kept. `null`: for ever.",
  ),
  dedupeMs: optional(
    integer({ min: 0, max: LIMITS.dedupeMs, unit: "ms" }),
    shownDefault(DEFAULT.dedupeMs),
    "How long a finished task's own id still counts as a duplicate.",
  ),
  maxBacklog: optional(
    nullable(integer({ min: 1, max: LIMITS.maxBacklog })),
    shownDefault(DEFAULT.maxBacklog),
    "Tasks that it holds before it refuses more. `null`: what its storage holds.",
  ),
  maxInFlight: optional(
    integer({ min: 1, max: LIMITS.maxInFlight }),
    shownDefault(DEFAULT.maxInFlight),
    "Claimed tasks at one time.",
  ),
  paused: optional(flag, shownDefault(DEFAULT.paused), "Nothing is offered; enqueue, ack and nack work."),
  keys: optional({ ...keysPatch, docs: keysPatch.fields }, "as it is", "What holds for each key ([keys](keys.md))."),
  rate: optional(nullable(rate), "`null`", "Attempts of the whole queue: `{limit, periodMs, burst}`."),
  limits: optional(
    { ...limitsPatch, docs: limitsPatch.fields },
    "as it is",
    "What it takes from all callers together ([limits](limits.md#limits-of-a-queue)).",
  ),
  budget: optional(
    { ...budgetPatch, docs: budgetPatch.fields },
    "as it is",
    "What it may use, and what follows ([cost](operate/cost.md#a-budget)).",
  ),
});

/** As they are answered. */
export const settings = object({
  ...allRequired(settingsPatch.fields),
  backoff: required(object(allRequired(backoffPatch.fields))),
  keys: required(object(allRequired(keysPatch.fields))),
  limits: required(object(allRequired(limitsPatch.fields))),
  budget: required(object(allRequired(budgetPatch.fields))),
});
