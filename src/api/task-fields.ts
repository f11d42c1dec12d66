// A task as producers write it, in a body of JSON.

import { LANE_NAME, LIMITS } from "../core/limits.ts";
import type { NewTask, TaskChange } from "../core/operation.ts";
import type { Payload } from "../core/task.ts";
import { Fields, matching, text } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import { utf8Bytes } from "../core/utf8-bytes.ts";

/** The options that are integers, for whoever reads them from text. */
export const INTEGER_OPTIONS = ["delayMs", "visibleAt", "priority", "ttlMs", "maxAttempts"];
const OPTION_FIELDS = ["id", "lane", ...INTEGER_OPTIONS];
const TASK_FIELDS = ["payload", "contentType", "encoding", "headers", ...OPTION_FIELDS];

export function parseNewTask(value: unknown, path = ""): NewTask {
  // Most tasks are a payload and nothing else, and most messages of a busy socket such tasks.
  if (isPayloadAlone(value))
    return { payload: bounded(JSON.stringify(value.payload), path === "" ? "payload" : `${path}.payload`) };
  return newTaskFields(new Fields(value, path), []);
}

function isPayloadAlone(value: unknown): value is { readonly payload: unknown } {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, "payload")) return false;
  for (const name in value) if (name !== "payload") return false;
  return true;
}

/** @param others fields that the caller takes itself */
export function newTaskFields(fields: Fields, others: readonly string[]): NewTask {
  if (!fields.has("payload")) throw new Invalid(fields.pathOf("payload"), undefined, "any JSON value");
  const task = { ...payloadFields(fields), ...optionFields(fields), ...headersField(fields) };
  fields.end([...others, ...TASK_FIELDS]);
  return task;
}

/** A task whose payload is the body as it came, with its options beside it. */
export function parseRawTask(payload: Payload, contentType: string, options: Fields): NewTask {
  const task = {
    payload: bounded(payload, "body"),
    contentType: mediaType(contentType, "content-type"),
    ...optionFields(options),
  };
  options.end(OPTION_FIELDS);
  return task;
}

function optionFields(fields: Fields): Omit<NewTask, "payload" | "contentType" | "headers"> {
  return {
    ...present("id", fields.read("id", taskId)),
    ...timeFields(fields),
    ...placeFields(fields),
    ...present("ttlMs", fields.integer("ttlMs", { min: 1, max: LIMITS.retentionMs, unit: "ms" })),
    ...present("maxAttempts", fields.integer("maxAttempts", { min: 1, max: LIMITS.maxAttempts })),
  };
}

/** Any text that a path can name: "." and ".." in a URL are steps, so that deleting the one would delete something else. */
export function taskId(value: unknown, path: string): string {
  const id = text(value, path, LIMITS.taskIdLength);
  if (id === "." || id === "..") throw new Invalid(path, id, `any id but "." and ".."`);
  return id;
}

/** What `changeFields` takes. */
export const CHANGE_FIELDS = [
  "payload",
  "contentType",
  "encoding",
  "headers",
  "lane",
  "priority",
  "delayMs",
  "visibleAt",
];

/** A change to a task: the version it is made to, and what is to be different. */
export function parseTaskChange(value: unknown): { version: number; change: TaskChange } {
  const fields = new Fields(value);
  const version = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  if (version === undefined) throw new Invalid("version", undefined, "the version of the task that is to be changed");
  const change = changeFields(fields);
  fields.end(["version", ...CHANGE_FIELDS]);
  if (Object.keys(change).length === 0)
    throw new Invalid("body", "no field but version", `at least one of ${CHANGE_FIELDS.join(", ")}`);
  return { version, change };
}

/** What is to be different about a task. */
export function changeFields(fields: Fields): TaskChange {
  for (const name of ["encoding", "contentType"])
    if (fields.has(name) && !fields.has("payload")) fields.refuse(name, `no ${name} without a payload`);
  return {
    ...(fields.has("payload") ? withContentType(payloadFields(fields)) : {}),
    ...headersField(fields),
    ...placeFields(fields),
    ...timeFields(fields),
  };
}

/** A payload replaces the content type too: without one it is JSON. */
function withContentType(content: {
  payload: Payload;
  contentType?: string;
}): Pick<TaskChange, "payload" | "contentType"> {
  return { ...content, contentType: content.contentType ?? null };
}

const ENCODINGS = ["json", "text", "base64"] as const;

/** The payload as it is stored: JSON as text, or text or bytes under their content type. */
function payloadFields(fields: Fields): { payload: Payload; contentType?: string } {
  const value = fields.take("payload");
  const path = fields.pathOf("payload");
  const encoding = fields.oneOf("encoding", ENCODINGS) ?? "json";
  const contentType = fields.read("contentType", mediaType);
  switch (encoding) {
    case "json":
      if (contentType !== undefined) fields.refuse("contentType", "no contentType unless encoding is text or base64");
      return { payload: bounded(JSON.stringify(value), path) };
    case "text":
      if (typeof value !== "string") throw new Invalid(path, value, "text, since encoding is text");
      return { payload: bounded(value, path), contentType: contentType ?? "text/plain;charset=utf-8" };
    case "base64":
      return {
        payload: bounded(fromBase64(value, path), path),
        contentType: contentType ?? "application/octet-stream",
      };
    default:
      return encoding satisfies never;
  }
}

const MEDIA_TYPE = /^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;.*)?$/;

function mediaType(value: unknown, path: string): string {
  return matching(text(value, path, LIMITS.contentTypeLength), path, MEDIA_TYPE, "a media type such as text/plain");
}

function fromBase64(value: unknown, path: string): Uint8Array {
  try {
    if (typeof value === "string") return Uint8Array.fromBase64(value);
  } catch {
    // Said below.
  }
  throw new Invalid(path, value, "base64, since encoding is base64");
}

/** A payload within its limit, measured in bytes of UTF-8. */
export function bounded<Content extends Payload>(
  payload: Content,
  path: string,
  limit: number = LIMITS.payloadBytes,
): Content {
  const bytes = typeof payload === "string" ? utf8Bytes(payload, limit) : payload.byteLength;
  if (bytes <= limit) return payload;
  const allowed = `at most ${limit.toLocaleString("en")} bytes`;
  throw new Invalid(path, `${bytes.toLocaleString("en")} bytes`, allowed, "payload-too-large");
}

function timeFields(fields: Fields): { delayMs?: number; visibleAt?: number } {
  const delayMs = fields.integer("delayMs", { min: 0, max: LIMITS.delayMs, unit: "ms" });
  const visibleAt = fields.integer("visibleAt", { min: 0, max: LATEST_AT, unit: "ms since 1970" });
  if (delayMs !== undefined && visibleAt !== undefined) fields.refuse("visibleAt", "delayMs or visibleAt, not both");
  return { ...present("delayMs", delayMs), ...present("visibleAt", visibleAt) };
}

/** The instant itself is held to the longest delay by the queue, which has the clock; this bounds the number. */
const LATEST_AT = 8_640_000_000_000_000;

function placeFields(fields: Fields): { lane?: string; priority?: number } {
  return {
    ...present("lane", fields.matching("lane", LANE_NAME)),
    ...present("priority", fields.integer("priority", { min: -LIMITS.priority, max: LIMITS.priority })),
  };
}

const HEADER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;

function headersField(fields: Fields): { headers?: Record<string, string> } {
  const value = fields.take("headers");
  if (value === undefined) return {};
  const path = fields.pathOf("headers");
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new Invalid(path, value, "an object of names and texts");
  const entries = Object.entries(value);
  if (entries.length > LIMITS.headerCount)
    throw new Invalid(path, `${entries.length} headers`, `at most ${LIMITS.headerCount}`);
  const headers = entries.map(([name, header]): [string, string] => [
    matching(name, `${path} name`, HEADER_NAME),
    text(header, `${path}.${name}`, LIMITS.headerValueLength),
  ]);
  return { headers: Object.fromEntries(headers) };
}

/** `{name: value}`, or nothing when there is no value: an absent option stays absent. */
function present<Name extends string, Value>(name: Name, value: Value | undefined): { [Key in Name]?: Value } {
  return (value === undefined ? {} : { [name]: value }) as { [Key in Name]?: Value };
}
