// What must be in the bodies of messages between queues, and in the origins of dead letters, so that other queues can take them in: their
// consumers trust what their own queue holds, and would all be stopped by one task that cannot be read.

import { areAttempts } from "../core/attempt.ts";
import { isObject, jsonOf } from "../core/json-value.ts";
import { LIMITS } from "../core/limits.ts";
import { KEY_MARK } from "../core/stored-lane.ts";

type Check = (value: unknown) => boolean;

const isText: Check = (value) => typeof value === "string";
const isInstant: Check = (value) => Number.isSafeInteger(value);
const textOf =
  (length: number): Check =>
  (value) =>
    typeof value === "string" && value.length <= length;
const between =
  (min: number, max: number): Check =>
  (value) =>
    Number.isSafeInteger(value) && min <= Number(value) && Number(value) <= max;
const orNull =
  (check: Check): Check =>
  (value) =>
    value === null || check(value);
/** Absent, or null as in the oldest messages. */
const optional =
  (check: Check): Check =>
  (value) =>
    value === undefined || value === null || check(value);

const isLane: Check = (value) => textOf(LIMITS.laneLength)(value) && !String(value).includes(KEY_MARK);
const areHeaders: Check = (value) => isObject(value) && Object.values(value).every(isText);
const isHeadersText: Check = (value) => typeof value === "string" && areHeaders(jsonOf(value));
const isPriority = between(-LIMITS.priority, LIMITS.priority);
const isMaxAttempts = between(1, LIMITS.maxAttempts);
const isCost = between(1, LIMITS.taskCost);
const isId = textOf(LIMITS.taskIdLength);
const isKey = textOf(LIMITS.keyLength);
const isContentType = textOf(LIMITS.contentTypeLength);

/** Where a dead letter died, and where before. */
const ORIGIN: Readonly<Record<string, Check>> = {
  queue: isText,
  id: isId,
  lane: isLane,
  key: optional(isKey),
  attempts: isInstant,
  error: orNull(isText),
  enqueuedAt: isInstant,
  diedAt: isInstant,
  maxAttempts: optional(isMaxAttempts),
  before: optional((value) => isOrigin(value)),
};

/** Of a dead letter on its way, or on its way back. */
const LETTER: Readonly<Record<string, Check>> = {
  id: isId,
  version: optional(isInstant),
  contentType: orNull(isContentType),
  headers: orNull(isHeadersText),
  lane: isLane,
  priority: isPriority,
  maxAttempts: orNull(isMaxAttempts),
  key: optional(isKey),
  cost: optional(isCost),
  blocked: optional(isKey),
  enqueuedAt: optional(isInstant),
  origin: orNull((value) => isOrigin(value)),
  pastAttempts: optional(areAttempts),
};

const INSERT: Readonly<Record<string, Check>> = {
  contentType: optional(isContentType),
  id: optional(isId),
  lane: optional(isLane),
  key: optional(isKey),
  cost: optional(isCost),
  priority: optional(isPriority),
  maxAttempts: optional(isMaxAttempts),
  headers: optional(areHeaders),
  visibleAt: optional(isInstant),
  endsAt: optional(isInstant),
};

const BODIES: ReadonlyMap<unknown, Readonly<Record<string, Check>>> = new Map([
  ["dead-letter", LETTER],
  ["redrive", LETTER],
  ["insert", INSERT],
]);

/** Whether it is what a queue has stored of where a dead letter died. */
export function isOrigin(value: unknown): boolean {
  return fits(value, ORIGIN);
}

/** Whether a queue can have sent it as a message of this kind. Those of other kinds are not for queues. */
export function isBody(kind: unknown, value: unknown): boolean {
  const checks = BODIES.get(kind);
  return checks === undefined ? isObject(value) : fits(value, checks);
}

function fits(value: unknown, checks: Readonly<Record<string, Check>>): boolean {
  return isObject(value) && Object.entries(checks).every(([name, check]) => check(value[name]));
}
