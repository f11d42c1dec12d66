// What a client sends over a socket, from text to checked messages. See docs/socket.md.

import { LIMITS } from "../core/limits.ts";
import { Fields, text } from "./fields.ts";
import { Invalid } from "./invalid.ts";

export type RequestId = number | string;

export interface Message {
  readonly id: RequestId;
  readonly op: string;
  /** `{}` when absent. */
  readonly body: unknown;
}

/** The messages of a frame: one, or an array of them. */
export function messagesOf(frame: unknown): readonly unknown[] {
  if (!Array.isArray(frame)) return [frame];
  if (frame.length >= 1 && frame.length <= LIMITS.frameMessages) return frame;
  throw new Invalid("frame", frame, `one message, or an array of 1 to ${LIMITS.frameMessages}`);
}

/** The id of whatever was sent, so that an error can name it; null: it has none that could be sent back. */
export function idOf(message: unknown): RequestId | null {
  const id: unknown = typeof message === "object" && message !== null && "id" in message ? message.id : null;
  return isRequestId(id) ? id : null;
}

export function parseMessage(message: unknown): Message {
  return isPlainMessage(message)
    ? { id: message.id, op: message.op, body: bodyOf(message.body) }
    : readMessage(message);
}

/** Whether nothing about it needs a closer look. */
function isPlainMessage(message: unknown): message is { id: RequestId; op: string; body?: unknown } {
  if (typeof message !== "object" || message === null || !("id" in message) || !("op" in message)) return false;
  for (const name in message) if (name !== "id" && name !== "op" && name !== "body") return false;
  return isRequestId(message.id) && typeof message.op === "string" && PLAIN_OP.test(message.op);
}

const PLAIN_OP = /^[A-Za-z]{1,64}$/;

/** One that is absent is `{}`. One that is null is wrong, and for the operation to refuse, as it is over HTTP. */
function bodyOf(body: unknown): unknown {
  return body === undefined ? {} : body;
}

/** Field by field, to say what is wrong. */
function readMessage(message: unknown): Message {
  const fields = new Fields(message, "message");
  const id = fields.take("id");
  if (!isRequestId(id)) {
    throw new Invalid("message.id", id, `an integer, or a text of 1 to ${LIMITS.requestIdLength} characters`);
  }
  const op = text(fields.take("op"), "message.op", LIMITS.requestIdLength);
  const body = bodyOf(fields.take("body"));
  fields.end(["id", "op", "body"]);
  return { id, op, body };
}

/** Where in what was sent to it a client says that it has read to; null: this is another message. */
export function readPosition(message: unknown): number | null {
  if (typeof message !== "object" || message === null || !("op" in message) || message.op !== "sync") return null;
  const fields = new Fields(message, "message");
  fields.take("op");
  const sync = fields.integer("sync", { min: 0, max: Number.MAX_SAFE_INTEGER });
  if (sync === undefined) throw new Invalid("message.sync", null, "the number as it came; it is required");
  fields.end(["op", "sync"]);
  return sync;
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === "string") return id.length >= 1 && id.length <= LIMITS.requestIdLength && id.isWellFormed();
  return Number.isSafeInteger(id);
}
