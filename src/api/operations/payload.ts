// The payload of a task, as it is sent and as it is stored: JSON as text, or text or bytes under their content type.

import { LIMITS } from "../../core/limits.ts";
import type { Payload } from "../../core/task.ts";
import { thousands } from "../../core/thousands.ts";
import { utf8Bytes } from "../../core/utf8-bytes.ts";
import { Invalid } from "../invalid.ts";
import type { Refuse } from "../schema/object.ts";
import { matching, oneOf, text } from "../schema/scalars.ts";
import { mapped, type Schema } from "../schema/schema.ts";

export const encoding = oneOf("json", "text", "base64");

const MEDIA_TYPE = matching(/^[\w!#$&^.+-]+\/[\w!#$&^.+-]+\s*(;.*)?$/, "a media type such as text/plain");

export const mediaType: Schema<string> = mapped(text(LIMITS.contentTypeLength), MEDIA_TYPE.parse);

interface Sent {
  readonly payload?: unknown;
  readonly encoding: "json" | "text" | "base64" | undefined;
  readonly contentType: string | undefined;
}

interface Stored {
  readonly payload: Payload;
  readonly contentType?: string;
}

export function storedPayload(
  { payload, encoding: given = "json", contentType }: Sent,
  refuse: Refuse<"contentType">,
  path: string,
): Stored {
  const at = path === "" ? "payload" : `${path}.payload`;
  switch (given) {
    case "json":
      if (contentType !== undefined) refuse("contentType", "no contentType unless encoding is text or base64");
      return { payload: bounded(JSON.stringify(payload), at) };
    case "text":
      if (typeof payload !== "string") throw new Invalid(at, payload, "text, since encoding is text");
      return { payload: bounded(payload, at), contentType: contentType ?? "text/plain;charset=utf-8" };
    case "base64":
      return { payload: bounded(fromBase64(payload, at), at), contentType: contentType ?? "application/octet-stream" };
    default:
      return given satisfies never;
  }
}

function fromBase64(value: unknown, path: string): Uint8Array {
  try {
    if (typeof value === "string") return Uint8Array.fromBase64(value);
  } catch {
    // Refused below, as all that is no base64.
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
  const allowed = `at most ${thousands(limit)} bytes`;
  throw new Invalid(path, `${thousands(bytes)} bytes`, allowed, "payload-too-large");
}
