// Payloads between text and tasks: what the command is given becomes one, what the queue gives is shown or passed on.

import { Invalid, shown } from "../api/invalid.ts";
import { parseJson as readJson } from "../api/json.ts";
import { UsageError } from "./exit-status.ts";

interface Content {
  readonly payload: unknown;
  /** null: JSON. */
  readonly contentType: string | null;
}

/** How the text of a payload is meant; a content type makes text of it. */
export interface PayloadKind {
  readonly text?: boolean;
  readonly contentType?: string;
}

export interface TextPayload {
  readonly payload: unknown;
  readonly contentType?: string;
}

/** @param source what to call the text in an error */
export function payloadOf(text: string, kind: PayloadKind, source: string): TextPayload {
  if (kind.contentType !== undefined) return { payload: text, contentType: kind.contentType };
  if (kind.text === true) return { payload: text, contentType: "text/plain;charset=utf-8" };
  return { payload: parseJson(text, source) };
}

/** As strictly as the server reads it: what a double or an object would quietly change is refused with its path. */
export function parseJson(text: string, source: string): unknown {
  try {
    return readJson(text, source);
  } catch (error) {
    if (!(error instanceof Invalid)) throw error;
    const syntax = /^JSON \((.*)\)$/s.exec(error.allowed);
    if (syntax !== null) throw new UsageError(`${source} is not JSON (${syntax[1]}); to send it as text, add --text`);
    throw new UsageError(`${error.field}: given ${JSON.stringify(shown(error.given))}, allowed: ${error.allowed}`);
  }
}

/** The payload as the bytes or the text that a program is given. */
export function rawPayload({ payload, contentType }: Content): string | Uint8Array {
  if (payload instanceof Uint8Array) return payload;
  return contentType === null ? JSON.stringify(payload) : String(payload);
}

/** The payload on one line of so many characters. */
export function shownPayload(content: Content, width: number): string {
  const raw = rawPayload(content);
  if (typeof raw !== "string") return `<${raw.byteLength} bytes of ${content.contentType ?? "JSON"}>`;
  return shownLine(raw, width);
}

/** Text on one line of so many characters. */
export function shownLine(text: string, width: number): string {
  // Control characters would move the cursor, or worse.
  // oxlint-disable-next-line no-control-regex
  const line = text.replaceAll(/[\u0000-\u001F\u007F-\u009F]+/g, " ");
  return line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1))}…`;
}

/** The task as `--json` gives it: bytes in base64, as the API gives them. */
export function jsonTask(task: Content): unknown {
  if (!(task.payload instanceof Uint8Array)) return task;
  return { ...task, payload: Buffer.from(task.payload).toString("base64"), encoding: "base64" };
}
