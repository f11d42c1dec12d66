// Answers as JSON text. Payloads are stored as the JSON they are sent as, so they are copied in, not parsed and written again.

import type { Document } from "../core/document.ts";
import type { Operations } from "../core/operation.ts";
import type { BrowsedTask, ClaimedTask, Task } from "../core/task.ts";

export function renderTasks(
  tasks: readonly (ClaimedTask | BrowsedTask)[],
  more: Readonly<Record<string, unknown>> = {},
): string {
  const rest = JSON.stringify(more).slice(1, -1);
  return `{"tasks":[${tasks.map(renderTask).join(",")}]${rest === "" ? "" : `,${rest}`}}`;
}

export function renderTask(task: Task): string {
  const { payload: _payload, contentType, ...rest } = task;
  const head = JSON.stringify({
    ...rest,
    encoding: encodingOf(task),
    ...(contentType === null ? {} : { contentType }),
  });
  return `${head.slice(0, -1)},"payload":${payloadJson(task)}}`;
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
export function renderPage({
  tasks,
  after,
}: {
  readonly tasks: readonly BrowsedTask[];
  readonly after: number | null;
}): string {
  return renderTasks(tasks, { cursor: after === null ? null : after.toString(36) });
}

export function renderOutbox({ messages, after }: Operations["listOutbox"]["answer"]): string {
  return JSON.stringify({ messages, cursor: after === null ? null : `${after.queue}~${after.seq.toString(36)}` });
}
