// The body of a request, never more of it than is allowed.

import { LIMITS } from "../core/limits.ts";
import { problem } from "../protocol/problem.ts";
import { parseJson } from "../api/json.ts";
import { parsed, shownText } from "../api/invalid.ts";
import { object } from "../api/schema/object.ts";
import { ADMISSION } from "./admission.ts";
import { BodyReader } from "./body-reader.ts";
import { HttpError, invalid, unsupported, valueOf } from "./http-error.ts";
import { refuseQuery } from "./read-query.ts";

/** A declared length up to which a body is not timed: one that does not come holds no more than an idle connection does. */
const UNTIMED_BYTES = 65_536;

/** The whole body; one that is larger than allowed is refused as soon as that is known. */
export async function readBytes(request: Request): Promise<Uint8Array> {
  refuseEncoded(request);
  const declared = declaredBytes(request);
  if (declared !== null && declared > LIMITS.bodyBytes) throw tooLarge(declared);
  try {
    // A declared length is enforced by the platform. Bodies of none are not asked for their stream: it costs as much as to read it.
    if (declared !== null && declared <= UNTIMED_BYTES) return await request.bytes();
    const { body } = request;
    return body === null ? new Uint8Array() : await readUpTo(LIMITS.bodyBytes, body, declared);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw invalid({ field: "body", given: "a body that broke off", allowed: "a whole body" });
  }
}

/** Content-Length; null: the body comes in chunks, or there is none. */
export function declaredBytes(request: Request): number | null {
  const length = request.headers.get("content-length");
  return length === null ? null : Number(length);
}

/** Into one buffer that grows: its pieces are never kept beside it. */
async function readUpTo(limit: number, body: ReadableStream<Uint8Array>, declared: number | null): Promise<Uint8Array> {
  const first = declared ?? UNTIMED_BYTES;
  ADMISSION.hold("bodies", first);
  let held = first;
  try {
    return await readInto(new Uint8Array(first), limit, body, (bytes) => {
      ADMISSION.hold("bodies", bytes);
      held += bytes;
    });
  } finally {
    ADMISSION.release("bodies", held);
  }
}

/** @param hold asked before the buffer grows by so many bytes */
async function readInto(
  first: Uint8Array<ArrayBuffer>,
  limit: number,
  body: ReadableStream<Uint8Array>,
  hold: (bytes: number) => void,
): Promise<Uint8Array> {
  const reader = new BodyReader(body, LIMITS.bodyMs);
  let buffer = first;
  let bytes = 0;
  for (;;) {
    const piece = await reader.read();
    if (piece.kind === "late") {
      // Not waited for: it may never come to its end.
      void reader.cancel();
      throw tooLate();
    }
    if (piece.kind === "end") break;
    const start = bytes;
    bytes += piece.bytes.byteLength;
    if (bytes > limit) {
      reader.release();
      throw tooLarge(bytes);
    }
    if (bytes > buffer.byteLength) {
      const length = Math.min(Math.max(2 * buffer.byteLength, bytes), limit);
      try {
        hold(length - buffer.byteLength);
      } catch (error) {
        reader.release();
        throw error;
      }
      const larger = new Uint8Array(length);
      larger.set(buffer);
      buffer = larger;
    }
    buffer.set(piece.bytes, start);
  }
  reader.release();
  // A copy, not a view: all of what is under a view would be sent along to the object.
  return bytes === buffer.byteLength ? buffer : buffer.slice(0, bytes);
}

/** One for all requests: to make one takes as long as to read a small body. */
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body as the text that it is, a byte order mark included. */
export async function readText(request: Request): Promise<string> {
  return textOf(await readBytes(request));
}

function textOf(bytes: Uint8Array): string {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    throw invalid({ field: "body", given: `${bytes.byteLength} bytes that are not UTF-8`, allowed: "UTF-8" });
  }
}

/**
 * A body of JSON, checked by `parse`. An empty one is an empty object, since every field may be absent. Where there is
 * such a body the query has no parameters: one that would be passed over is refused.
 */
export function readJson<Value>(request: Request, parse: (body: unknown) => Value): Promise<Value> {
  refuseQuery(request);
  return readJsonBody(request, parse);
}

const NOTHING = object({});

/** For requests that say all in their path and query: anything else would be passed over, and so is refused. */
export async function refuseBody(request: Request): Promise<void> {
  await readJsonBody(request, (body) => NOTHING.parse(body, ""));
}

async function readJsonBody<Value>(request: Request, parse: (body: unknown) => Value): Promise<Value> {
  const type = mediaTypeOf(request);
  const isJson = type === null || type === "application/json" || type.endsWith("+json");
  // Tools name a type of their own for no body at all, as curl does for `-d ''`.
  if (!isJson && declaredBytes(request) !== 0) throw unsupported(type, "application/json");
  const text = textOf(await readBytes(request)).replace(/^\uFEFF/, "");
  return valueOf(parsed(() => parse(text.trim() === "" ? {} : parseJson(text))));
}

/** The media type without its parameters; null: none is given. */
export function mediaTypeOf(request: Request): string | null {
  const header = request.headers.get("content-type");
  return header === null ? null : (header.split(";")[0] ?? "").trim().toLowerCase();
}

/** A compressed body would be kept as the bytes that it is, its encoding forgotten. */
function refuseEncoded(request: Request): void {
  const encoding = request.headers.get("content-encoding");
  if (encoding === null || encoding.toLowerCase() === "identity") return;
  const given = shownText(encoding);
  const allowed = "identity, or no content-encoding at all";
  const detail = `content-encoding: given ${JSON.stringify(given)}, allowed: ${allowed}`;
  const members = { field: "content-encoding", given, allowed };
  // RFC 9110, 12.5.3: which encodings would do.
  throw new HttpError(problem("unsupported-media-type", detail, members), { "accept-encoding": "identity" });
}

function tooLate(): HttpError {
  const seconds = LIMITS.bodyMs / 1_000;
  return new HttpError(problem("request-timeout", `body: not here whole within ${seconds} s`, { field: "body" }));
}

function tooLarge(bytes: number): HttpError {
  return invalid({
    code: "payload-too-large",
    field: "body",
    given: `${bytes.toLocaleString("en")} bytes`,
    allowed: `at most ${LIMITS.bodyBytes.toLocaleString("en")} bytes`,
  });
}
