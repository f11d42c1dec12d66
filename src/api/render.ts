// Answers as JSON text. Payloads are stored as the JSON they are sent as, so they are copied in, not parsed and written again.

import { browseCursor } from "./browse-cursor.ts";
import type { Document } from "../core/document.ts";
import { DEFAULT_LANE } from "../core/limits.ts";
import type { EnqueuedTask, NewTask, Operations } from "../core/operation.ts";
import type { BrowsedTask, ClaimedTask, Task } from "../core/task.ts";

export function renderTasks(
  tasks: readonly (ClaimedTask | BrowsedTask)[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  const rest = JSON.stringify(more).slice(1, -1);
  return `{"tasks":[${tasks.map(renderTask).join(",")}]${rest === "" ? "" : `,${rest}`}}`;
}

const DEFAULT_LANE_JSON = json(DEFAULT_LANE);

/** What a claim answers that has found nothing. */
export const NO_TASKS = renderTasks([]);

/** Written out, not by `JSON.stringify`: every task that is claimed comes by here, and this takes a third of the time. */
export function renderTask(task: ClaimedTask | BrowsedTask): string {
  const { id, version, lane, priority, headers, attempts, maxAttempts, enqueuedAt, visibleAt, expiresAt } = task;
  const { error, origin, contentType } = task;
  return (
    `{"id":${nameJson(id)},"version":${version},"lane":${lane === DEFAULT_LANE ? DEFAULT_LANE_JSON : json(lane)},${keyFields(task)}"priority":${priority},"headers":${headersJson(headers)},` +
    `"attempts":${attempts},"maxAttempts":${maxAttempts},"enqueuedAt":${enqueuedAt},"visibleAt":${visibleAt},` +
    `"expiresAt":${expiresAt},"error":${json(error)},"origin":${json(origin)},${ownFields(task)},` +
    `"encoding":"${encodingOf(task)}",${contentType === null ? "" : `"contentType":${json(contentType)},`}` +
    `"payload":${payloadJson(task)}}`
  );
}

/**
 * Written out for the same reason, and joined as it goes: an array of the parts takes a twentieth of an enqueue of a hundred.
 *
 * @param asked the tasks as they came, in their order: an id that the queue made has nothing to escape
 */
export function renderEnqueued(tasks: readonly EnqueuedTask[], asked: readonly Pick<NewTask, "id">[]): string {
  let rendered = "";
  let before: EnqueuedTask | null = null;
  let rest = "";
  let index = 0;
  for (const task of tasks) {
    // The same of most tasks of a call.
    if (before === null || !isLike(before, task)) rest = afterId(task);
    before = task;
    const start = index === 0 ? '{"id":"' : ',{"id":"';
    rendered += `${start}${asked[index]?.id === undefined ? task.id : escaped(task.id)}${rest}`;
    index += 1;
  }
  return `{"tasks":[${rendered}]}`;
}

/** Whether they differ in their ids at most. */
function isLike(one: EnqueuedTask, other: EnqueuedTask): boolean {
  return (
    one.visibleAt === other.visibleAt &&
    one.version === other.version &&
    one.duplicate === other.duplicate &&
    one.state === other.state
  );
}

/** From the closing quote of its id on. */
function afterId({ version, visibleAt, duplicate, state }: EnqueuedTask): string {
  const end = state === undefined ? "}" : `,"state":"${state}"}`;
  return `","version":${version},"visibleAt":${visibleAt},"duplicate":${duplicate}${end}`;
}

/** As it stands between quotes. */
function escaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

function keyFields({ key, cost }: Task): string {
  return `${key === undefined ? "" : `"key":${json(key)},`}${cost === undefined ? "" : `"cost":${cost},`}`;
}

/** What a claimed task has, or one that is looked at. */
function ownFields(task: ClaimedTask | BrowsedTask): string {
  // A claim's token is of digits and hyphens.
  if ("claim" in task) return `"claim":"${task.claim}","claimedUntil":${task.claimedUntil}`;
  const { state, diedAt, claimedUntil, claimedAt, claimant, limited, pastAttempts } = task;
  const held = limited === undefined ? "" : `,"limited":${json(limited)}`;
  const since = claimedAt === undefined ? "" : `,"claimedAt":${claimedAt}`;
  const past = pastAttempts === undefined ? "" : `,"pastAttempts":${json(pastAttempts)}`;
  return `"state":"${state}","diedAt":${diedAt},"claimedUntil":${claimedUntil}${since},"claimant":${json(claimant)}${held}${past}`;
}

function headersJson(headers: Task["headers"]): string {
  for (const _name in headers) return JSON.stringify(headers);
  return "{}";
}

/** Of letters, digits and a few signs, as most ids are: what need not be escaped is only put in quotes, in a third of the time. */
function nameJson(name: string): string {
  for (let index = 0; index < name.length; index += 1) {
    const code = name.charCodeAt(index);
    if (code < 0x2d || code > 0x7a || code === 0x5c) return JSON.stringify(name);
  }
  return `"${name}"`;
}

function json(value: object | string | null): string {
  return value === null ? "null" : JSON.stringify(value);
}

function encodingOf({ payload, contentType }: Task): "json" | "text" | "base64" {
  if (contentType === null) return "json";
  return typeof payload === "string" ? "text" : "base64";
}

function payloadJson({ payload, contentType }: Task): string {
  if (typeof payload !== "string") return `"${payload.toBase64()}"`;
  return contentType === null ? payload : JSON.stringify(payload);
}

export function renderDocuments(documents: readonly Document[], cursor: string | null): string {
  return `{"documents":[${documents.map(renderDocument).join(",")}],"cursor":${JSON.stringify(cursor)}}`;
}

export function renderDocument({ value, ...rest }: Document): string {
  return `${JSON.stringify(rest).slice(0, -1)},"value":${value}}`;
}

/** A page of tasks with the cursor of the next. */
export function renderPage({ tasks, after }: Operations["browse"]["answer"]): string {
  return renderTasks(tasks, { cursor: browseCursor(after) });
}

export function renderOutbox({ messages, after }: Operations["listOutbox"]["answer"]): string {
  return JSON.stringify({ messages, cursor: after === null ? null : `${after.queue}~${after.seq.toString(36)}` });
}
