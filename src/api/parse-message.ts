// Messages of a client over a socket, from text to checked values. See docs/socket.md.

import { LIMITS } from "../core/limits.ts";
import type { NumberedCall } from "../core/numbered-call.ts";
import { Invalid } from "./invalid.ts";
import { isOperation } from "./operation-table.ts";
import { requestsIn } from "./request-series.ts";
import { defaulted, object, required } from "./schema/object.ts";
import { anyJson, integer, literal, text } from "./schema/scalars.ts";
import type { Schema } from "./schema/schema.ts";

export type RequestId = number | string;

export interface Message {
  readonly id: RequestId;
  readonly op: string;
  /** `{}` when absent. */
  readonly body: unknown;
  /** Its number, if that is said beside its body. */
  readonly call?: NumberedCall | undefined;
}

const ID = `an integer, or a text of 1 to ${LIMITS.requestIdLength} characters`;

const requestId: Schema<RequestId> = {
  parse: (value, path) => {
    if (isRequestId(value)) return value;
    throw new Invalid(path, value, ID);
  },
  allowed: ID,
  json: { anyOf: [{ type: "integer" }, { type: "string", minLength: 1, maxLength: LIMITS.requestIdLength }] },
};

/** A body that is absent is `{}`. One that is null is wrong, and for the operation to refuse, as it is over HTTP. */
const request = object({
  id: required(requestId),
  op: required(text(LIMITS.requestIdLength)),
  body: defaulted(anyJson(), {}),
});

const sync = object({
  op: required(literal("sync")),
  sync: required(integer({ min: 0, max: Number.MAX_SAFE_INTEGER }), "", "the number as it came; it is required"),
});

/** The messages of a frame, one or an array of them, and how many requests they are. */
export function messagesOf(frame: unknown): { readonly messages: readonly unknown[]; readonly requests: number } {
  const messages: readonly unknown[] = Array.isArray(frame) ? frame : [frame];
  let requests = 0;
  for (const message of messages) requests += requestsIn(message);
  if (requests >= 1 && requests <= LIMITS.frameMessages) return { messages, requests };
  throw new Invalid("frame", frame, `one message, or an array of them, of 1 to ${LIMITS.frameMessages} requests`);
}

/** The id of whatever was sent, so that an error can name it; null: it has none that could be sent back. */
export function idOf(message: unknown): RequestId | null {
  const id: unknown = typeof message === "object" && message !== null && "id" in message ? message.id : null;
  return isRequestId(id) ? id : null;
}

export function parseMessage(message: unknown): Message {
  if (!isPlainMessage(message)) return request.parse(message, "message");
  const { id, op, body = {} } = message;
  return { id, op, body };
}

/** Whether nothing about it needs a closer look. */
function isPlainMessage(message: unknown): message is { id: RequestId; op: string; body?: unknown } {
  if (typeof message !== "object" || message === null || !("id" in message) || !("op" in message)) return false;
  for (const name in message) if (name !== "id" && name !== "op" && name !== "body") return false;
  return isRequestId(message.id) && isOperation(message.op);
}

/** How far a client says that it has read what was sent to it; null: this is another message. */
export function readPosition(message: unknown): number | null {
  if (typeof message !== "object" || message === null || !("op" in message) || message.op !== "sync") return null;
  return sync.parse(message, "message").sync;
}

function isRequestId(id: unknown): id is RequestId {
  if (typeof id === "string") return id.length >= 1 && id.length <= LIMITS.requestIdLength && id.isWellFormed();
  return Number.isSafeInteger(id);
}
