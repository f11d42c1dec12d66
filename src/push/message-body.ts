// The body of a message in Cloudflare Queues' content types, as a task's payload and back.

import { parse, stringify } from "devalue";
import type { Payload } from "../core/task.ts";

export const MESSAGE_CONTENT_TYPES = ["text", "bytes", "json", "v8"] as const;
export type MessageContentType = (typeof MESSAGE_CONTENT_TYPES)[number];

/** A payload and its content type as they are stored; null: JSON. */
export interface StoredBody {
  readonly payload: Payload;
  readonly contentType: string | null;
}

const TEXT = "text/plain;charset=utf-8";
const BYTES = "application/octet-stream";
/**
 * Workers cannot write V8's own serialization format (`serialize` of node:v8 is not implemented there), so values that
 * JSON has no word for are kept in devalue's: JSON text that says Date, Map, Set, BigInt, RegExp, typed arrays and cycles.
 */
const STRUCTURED = "application/vnd.edgeq.structured+json";

/** Error names that come back as what they were; any other comes back as Error with its name set. */
const ERRORS: Readonly<Record<string, ErrorConstructor>> = {
  Error,
  EvalError,
  RangeError,
  ReferenceError,
  SyntaxError,
  TypeError,
  URIError,
};

const WRITE_ERROR = {
  Error: (value: unknown) =>
    value instanceof Error && [value.name, value.message, value.stack, "cause" in value ? [value.cause] : []],
};

const READ_ERROR = {
  Error([name, message, stack, cause]: [string, string, string | undefined, [] | [unknown]]): Error {
    const error = new (ERRORS[name] ?? Error)(message, cause.length === 1 ? { cause: cause[0] } : undefined);
    if (error.name !== name) error.name = name;
    if (stack !== undefined) error.stack = stack;
    return error;
  },
};

/**
 * Writes a body as its content type says.
 *
 * @throws {TypeError} when the body is not what the content type says, as Cloudflare's `send` does
 */
export function storedBody(body: unknown, contentType: MessageContentType): StoredBody {
  switch (contentType) {
    case "text":
      if (typeof body !== "string") throw mismatch("text", "a string", body);
      return { payload: body, contentType: TEXT };
    case "bytes":
      return { payload: bytesOf(body), contentType: BYTES };
    case "json": {
      const text: string | undefined = JSON.stringify(body);
      if (text === undefined) throw mismatch("json", "a value that JSON can carry", body);
      return { payload: text, contentType: null };
    }
    case "v8":
      return { payload: stringify(body, WRITE_ERROR), contentType: STRUCTURED };
    default:
      return contentType satisfies never;
  }
}

/** The body as a consumer sees it. What producers of other kinds enqueued arrives as JSON, text or bytes. */
export function messageBody({ payload, contentType }: StoredBody): unknown {
  if (typeof payload !== "string") {
    return payload.buffer.slice(payload.byteOffset, payload.byteOffset + payload.byteLength);
  }
  if (contentType === null) return JSON.parse(payload);
  return contentType === STRUCTURED ? structured(payload) : payload;
}

/** A text that only claims to be structured is delivered as the text it is: one message must not fail its batch. */
function structured(payload: string): unknown {
  try {
    return parse(payload, READ_ERROR);
  } catch {
    return payload;
  }
}

function bytesOf(body: unknown): Uint8Array {
  if (body instanceof ArrayBuffer) return new Uint8Array(body);
  if (ArrayBuffer.isView(body)) return new Uint8Array(body.buffer, body.byteOffset, body.byteLength);
  throw mismatch("bytes", "an ArrayBuffer or a view of one", body);
}

function mismatch(contentType: MessageContentType, allowed: string, body: unknown): TypeError {
  return new TypeError(
    `content type ${contentType}: given ${Object.prototype.toString.call(body)}, allowed: ${allowed}`,
  );
}
