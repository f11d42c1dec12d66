// The body of a request, never more of it than is allowed.

import { LIMITS } from "../core/limits.ts";
import { thousands } from "../core/thousands.ts";
import { problem } from "../protocol/problem.ts";
import { parseJson } from "../api/json.ts";
import { parsed, shownText } from "../api/invalid.ts";
import { NOTHING } from "../api/schema/object.ts";
import { ADMISSION } from "./admission.ts";
import { BodyReader } from "./body-reader.ts";
import { HttpError, invalid, unsupported, valueOf } from "./http-error.ts";
import { inTurn, LARGE_LENGTH } from "./large-bodies.ts";
import { refuseQuery } from "./read-query.ts";
import type { Call } from "./route.ts";

/** A declared length up to which a body is not timed: one that does not come holds no more than an idle connection does. */
const UNTIMED_BYTES = 65_536;

/**
 * The whole body; one that is larger than allowed is refused as soon as that is known. Each header looked up, each stream and
 * each promise that the platform makes for a body takes as long as to check a small one: docs/decisions/0007.
 *
 * @param limit bytes that it may have
 */
export function readBytes(request: Request, limit: number = LIMITS.bodyBytes): Promise<Uint8Array> {
  const { headers } = request;
  refuseEncoded(headers);
  const declared = declaredBytes(headers);
  if (declared !== null && declared > limit) throw tooLarge(declared, limit);
  // A declared length is enforced by the platform. `bytes()` would be `arrayBuffer()` with one more promise around it.
  if (declared !== null && declared <= UNTIMED_BYTES) return request.arrayBuffer().then(bytesOf, refuseBroken);
  const { body } = request;
  if (body === null) return Promise.resolve(new Uint8Array());
  return readUpTo(limit, body, declared).catch(refuseBroken);
}

function bytesOf(buffer: ArrayBuffer): Uint8Array {
  return new Uint8Array(buffer);
}

function refuseBroken(error: unknown): never {
  if (error instanceof HttpError) throw error;
  throw invalid({ field: "body", given: "a body that broke off", allowed: "a whole body" });
}

/** Content-Length; null: the body comes in chunks, or there is none. */
export function declaredBytes(headers: Headers): number | null {
  const length = headers.get("content-length");
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
      throw tooLarge(bytes, limit);
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
 *
 * @param type of the body, where it is known already
 */
export function readJson<Value>(
  { request, url }: Pick<Call, "request" | "url">,
  parse: (body: unknown) => Value,
  type = mediaTypeOf(request),
): Promise<Value> {
  refuseQuery(url);
  return readJsonBody(request, parse, type);
}

/** For requests that say all in their path and query: anything else would be passed over, and so is refused. */
export async function refuseBody(request: Request): Promise<void> {
  await readJsonBody(request, (body) => NOTHING.parse(body, ""), mediaTypeOf(request));
}

async function readJsonBody<Value>(
  request: Request,
  parse: (body: unknown) => Value,
  type: string | null,
): Promise<Value> {
  const isJson = type === null || type === "application/json" || type.endsWith("+json");
  // Tools name a type of their own for no body at all, as curl does for `-d ''`.
  if (!isJson && declaredBytes(request.headers) !== 0) throw unsupported(type, "application/json");
  const text = withoutMark(textOf(await readBytes(request)));
  const value = (): Value => valueOf(parsed(() => parse(/\S/.test(text) ? parseJson(text) : {})));
  return text.length <= LARGE_LENGTH ? value() : inTurn(value);
}

/** Without a byte order mark. */
function withoutMark(text: string): string {
  return text.charCodeAt(0) === 0xfeff ? text.slice(1) : text;
}

/** The media type without its parameters; null: none is given. */
export function mediaTypeOf({ headers }: Request): string | null {
  const header = headers.get("content-type");
  if (header === null || header === "application/json") return header;
  return (header.split(";")[0] ?? "").trim().toLowerCase();
}

/** A compressed body would be kept as the bytes that it is, its encoding forgotten. */
function refuseEncoded(headers: Headers): void {
  const encoding = headers.get("content-encoding");
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

function tooLarge(bytes: number, limit: number): HttpError {
  return invalid({
    code: "payload-too-large",
    field: "body",
    given: `${thousands(bytes)} bytes`,
    allowed: `at most ${thousands(limit)} bytes`,
  });
}
