// The fields of a task as producers write it: new, changed, or raw with its options beside it.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { NewTask, TaskChange } from "../../core/operation.ts";
import type { Payload } from "../../core/task.ts";
import { thousands } from "../../core/thousands.ts";
import { recordOf } from "../schema/lists.ts";
import { delayMs, instant, laneName, taskId, taskKey } from "../schema/names.ts";
import { object, optional, required, type Refuse } from "../schema/object.ts";
import { nullable } from "../schema/schema.ts";
import { anyJson, integer, matching, text } from "../schema/scalars.ts";
import { bounded, encoding, mediaType, storedPayload } from "./payload.ts";

const priority = integer({ min: -LIMITS.priority, max: LIMITS.priority });
const headers = recordOf(text(LIMITS.headerValueLength), "an object of names and texts", {
  names: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/),
  max: LIMITS.headerCount,
  items: "headers",
});

const PAYLOAD_FIELDS = {
  contentType: optional(mediaType, "by `encoding`", "A media type, for text and base64 only."),
  encoding: optional(encoding, "`json`", "What `payload` is: any JSON, a text, or bytes in base64."),
  headers: optional(
    headers,
    "`{}`",
    `At most ${LIMITS.headerCount}; names of up to ${LIMITS.headerNameLength} characters, values of up to ${thousands(LIMITS.headerValueLength)}.`,
  ),
};

const OPTIONS = {
  id: optional(taskId, "made by the queue", "Your own: enqueueing it again writes nothing (P10). Not `.` or `..`."),
  lane: optional(laneName, `\`${DEFAULT_LANE}\``, "The sub-queue."),
  key: optional(taskKey, "none", "What it belongs to: a tenant, an order, a host ([keys](keys.md)). Not `.` or `..`."),
  cost: optional(integer({ min: 1, max: LIMITS.taskCost }), "1", "What an attempt takes of a rate."),
  delayMs: optional(delayMs, "0", "Not claimed before this has passed."),
  visibleAt: optional(instant, "now", "The same as an instant, at most 366 days ahead. Not with `delayMs`."),
  priority: optional(priority, "0", "Higher first, within a lane."),
  ttlMs: optional(
    integer({ min: 1, max: LIMITS.retentionMs, unit: "ms" }),
    "none",
    "Removed if it is not finished by then.",
  ),
  maxAttempts: optional(integer({ min: 1, max: LIMITS.maxAttempts }), "the queue's", "Attempts before it is dead."),
};

export const NEW_TASK_FIELDS = {
  payload: required(anyJson(), "At most 1,048,576 bytes of UTF-8 as JSON."),
  ...PAYLOAD_FIELDS,
  ...OPTIONS,
};

const byFields = object(NEW_TASK_FIELDS, newTaskOf);

/** A task to be enqueued. Most are a payload and nothing else, and most messages of a busy socket are such tasks. */
export const newTask: typeof byFields = {
  ...byFields,
  parse: (value, path) => (isPayloadAlone(value) ? payloadAlone(value, path) : byFields.parse(value, path)),
};

/** The task of which only a payload is given. */
export function payloadAlone({ payload }: { readonly payload: unknown }, path: string): NewTask {
  return { payload: bounded(JSON.stringify(payload), path === "" ? "payload" : `${path}.payload`) };
}

/** Whether it is a task and says nothing beside its payload. */
export function isPayloadAlone(value: unknown): value is { readonly payload: unknown } {
  if (typeof value !== "object" || value === null) return false;
  let hasPayload = false;
  for (const name in value) {
    if (name !== "payload") return false;
    hasPayload = true;
  }
  return hasPayload;
}

type Sent = Omit<NewTask, "payload"> & {
  readonly payload: unknown;
  readonly encoding?: "json" | "text" | "base64";
};

export function newTaskOf(
  { payload, encoding: given, contentType, ...rest }: Sent,
  refuse: Refuse<"contentType" | "visibleAt">,
  path: string,
): NewTask {
  refuseTwoTimes(rest, refuse);
  return { ...storedPayload({ payload, encoding: given, contentType }, refuse, path), ...rest };
}

/** The options of a task whose payload is the body of the request, as it came. They are parameters of the query. */
export const rawOptions = object(OPTIONS, (options, refuse): Omit<NewTask, "payload"> => {
  refuseTwoTimes(options, refuse);
  return options;
});

export function rawTask(payload: Payload, contentType: string, options: Omit<NewTask, "payload">): NewTask {
  return { payload: bounded(payload, "body"), contentType: mediaType.parse(contentType, "content-type"), ...options };
}

export const CHANGE_FIELDS = {
  payload: optional(anyJson(), "as it is", "With `encoding` and `contentType`, as for a new task."),
  contentType: optional(mediaType, "by `encoding`", "Only with `payload`."),
  encoding: optional(encoding, "`json`", "Only with `payload`."),
  headers: optional(headers, "as it is", "Replaces all of them."),
  lane: optional(laneName, "as it is"),
  key: optional(nullable(taskKey), "as it is", "`null`: none any longer."),
  priority: optional(priority, "as it is"),
  delayMs: optional(delayMs, "as it is", "From now on."),
  visibleAt: optional(instant, "as it is", "Not with `delayMs`."),
};

export const CHANGE_NAMES: readonly string[] = Object.keys(CHANGE_FIELDS);

type SentChange = Omit<TaskChange, "payload" | "contentType"> & {
  readonly payload?: unknown;
  readonly encoding?: "json" | "text" | "base64";
  readonly contentType?: string;
};

/** What is to be different about a task. A payload replaces the content type too: without one it is JSON. */
export function taskChangeOf(
  { payload, encoding: given, contentType, ...rest }: SentChange,
  refuse: Refuse<"encoding" | "contentType" | "visibleAt">,
  path: string,
): TaskChange {
  if (payload === undefined) {
    if (given !== undefined) refuse("encoding", "no encoding without a payload");
    if (contentType !== undefined) refuse("contentType", "no contentType without a payload");
  }
  refuseTwoTimes(rest, refuse);
  if (payload === undefined) return rest;
  const stored = storedPayload({ payload, encoding: given, contentType }, refuse, path);
  return { contentType: null, ...stored, ...rest };
}

function refuseTwoTimes(
  { delayMs: delay, visibleAt }: { readonly delayMs?: number; readonly visibleAt?: number },
  refuse: Refuse<"visibleAt">,
): void {
  if (delay !== undefined && visibleAt !== undefined) refuse("visibleAt", "delayMs or visibleAt, not both");
}
