// Tasks as operations answer with them.

import { ATTEMPT_OUTCOMES } from "../../core/attempt.ts";
import { LIMITS } from "../../core/limits.ts";
import { KEY_LIMITS } from "../../core/key-report.ts";
import { anyNumberOf, recordOf } from "../schema/lists.ts";
import { flag, taskState } from "../schema/names.ts";
import { object, optional, required } from "../schema/object.ts";
import { anyJson, freeText, literal, oneOf } from "../schema/scalars.ts";
import { nullable } from "../schema/schema.ts";
import { shapes } from "../schema/shapes.ts";
import { at, count } from "./answer-fields.ts";

export const enqueuedTask = object({
  id: required(freeText()),
  version: required(count),
  visibleAt: required(at),
  duplicate: required(flag, "True: the id was known already, and nothing was written (P10)."),
  state: optional(
    oneOf("ready", "delayed", "claimed", "dead", "done"),
    "unknown",
    "Of a duplicate: where its task stands; `done`: finished within the dedupe window.",
  ),
});

const origin = object({
  queue: required(freeText()),
  id: required(freeText()),
  lane: required(freeText()),
  attempts: required(count),
  error: required(nullable(freeText())),
  enqueuedAt: required(at),
  diedAt: required(at),
});

const pastAttempt = object({
  attempt: required(count, "Which it was, from 1. One that did not count has the number of the next."),
  readyAt: required(at, "Since when the task could have been claimed."),
  claimedAt: required(nullable(at), "null: not known."),
  claimant: required(nullable(freeText())),
  endedAt: required(at, "Of an expired claim, its deadline."),
  outcome: required(
    oneOf(...ATTEMPT_OUTCOMES),
    "`snoozed` and `released` attempts did not count. `acked`: a modify had the task begin again.",
  ),
  error: required(
    nullable(freeText()),
    `Cut after ${LIMITS.attemptErrorLength} characters; the task's \`error\` is whole.`,
  ),
});

const TASK = {
  id: required(freeText()),
  version: required(count),
  lane: required(freeText()),
  key: optional(freeText(), "absent: it has none"),
  cost: optional(count, "absent: 1"),
  priority: required(count),
  payload: required(anyJson()),
  encoding: required(oneOf("json", "text", "base64"), "How the payload is written."),
  contentType: optional(freeText(), "absent with json"),
  headers: required(recordOf(freeText(), "an object")),
  attempts: required(count, "Claims so far, the present one included."),
  maxAttempts: required(nullable(count), "Its own limit; null: the queue's."),
  enqueuedAt: required(at),
  visibleAt: required(at),
  expiresAt: required(nullable(at), "When its own TTL ends; null: it has none."),
  error: required(nullable(freeText()), "The error of the last failed attempt."),
  origin: required(nullable(origin), "Where it died, if it came as a dead letter."),
};

const claimedTask = object({
  ...TASK,
  claim: required(freeText(), "The token for ack, nack and extend; new for each claim (P4)."),
  claimedUntil: required(at),
});

export const browsedTask = object({
  ...TASK,
  state: required(taskState),
  claimedUntil: required(nullable(at)),
  claimant: required(nullable(freeText())),
  limited: optional(
    object({
      by: required(oneOf(...KEY_LIMITS, "maxInFlight", "returns")),
      of: required(oneOf("queue", "key", "task"), "Whose setting it is."),
      until: required(nullable(at), "null: until something changes."),
    }),
    "absent: nothing",
    "What holds it back though it is ready, or slows it ([keys](keys.md)).",
  ),
  diedAt: required(nullable(at)),
  claimedAt: optional(at, "not claimed, or not known", "Since when its present claim is held."),
  pastAttempts: optional(
    anyNumberOf(pastAttempt),
    "absent in pages without `pastAttempts`",
    `The last ${LIMITS.pastAttempts} attempts that have ended, the oldest first ([lifecycle](lifecycle.md#past-attempts)).`,
  ),
});

/** Of a page. */
export const PAST_ATTEMPTS = "True: each task with its past attempts, which makes answers longer.";

export const enqueuedTasks = object({ tasks: required(anyNumberOf(enqueuedTask)) });
export const claimedTasks = object({
  tasks: required(anyNumberOf(claimedTask)),
  nextAt: optional(at, "not known", "Without tasks: when there may be some, if nothing is enqueued before."),
});

const done = object({ claim: required(freeText()), ok: required(literal(true)) });
const extended = object({ claim: required(freeText()), ok: required(literal(true)), claimedUntil: required(at) });
const refused = object({
  claim: required(freeText()),
  ok: required(literal(false)),
  code: required(oneOf("claim-lost", "task-not-found")),
});

export const itemResult = shapes({ done, refused }, () => "done");
export const extendResult = shapes({ extended, refused }, () => "extended");
