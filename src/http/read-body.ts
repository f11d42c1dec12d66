// The body of a request, never more of it than is allowed.

import { LIMITS } from "../core/limits.ts";
import { Fields } from "../api/fields.ts";
import { parseJson } from "../api/json.ts";
import { parsed } from "../api/invalid.ts";
import { HttpError, invalid, unsupported, valueOf } from "./http-error.ts";
import { refuseQuery } from "./read-query.ts";

/** The whole body; one that is larger than allowed is refused as soon as that is known. */
export async function readBytes(request: Request): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (Number(declared) > LIMITS.bodyBytes) throw tooLarge(Number(declared));
  try {
    // A declared length is enforced by the platform.
    if (declared !== null) return await request.bytes();
    return request.body === null ? new Uint8Array() : await readUpTo(LIMITS.bodyBytes, request.body);
  } catch (error) {
    if (error instanceof HttpError) throw error;
    throw invalid({ field: "body", given: "a body that broke off", allowed: "a whole body" });
  }
}

async function readUpTo(limit: number, body: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body) {
    bytes += chunk.byteLength;
    if (bytes > limit) throw tooLarge(bytes);
    chunks.push(chunk);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}

/** One for all requests: to make one takes as long as to read a small body. */
const STRICT_UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The body as the text that it is, a byte order mark included. */
export async function readText(request: Request): Promise<string> {
  const bytes = await readBytes(request);
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
export async function readJson<Value>(request: Request, parse: (body: unknown) => Value): Promise<Value> {
  refuseQuery(request);
  return readJsonBody(request, parse);
}

/** For requests that say all in their path: what is asked for beside it would be passed over, and so is refused. */
export async function readNothing(request: Request): Promise<void> {
  refuseQuery(request);
  return refuseBody(request);
}

/** For requests that say all in their path and query. */
export async function refuseBody(request: Request): Promise<void> {
  await readJsonBody(request, (body) => new Fields(body).end([]));
}

async function readJsonBody<Value>(request: Request, parse: (body: unknown) => Value): Promise<Value> {
  const type = mediaTypeOf(request);
  const isJson = type === null || type === "application/json" || type.endsWith("+json");
  // Tools name a type of their own for no body at all, as curl does for `-d ''`.
  if (!isJson && request.headers.get("content-length") !== "0") throw unsupported(type, "application/json");
  const text = (await readText(request)).replace(/^\uFEFF/, "");
  return valueOf(parsed(() => parse(text.trim() === "" ? {} : parseJson(text))));
}

/** The media type without its parameters; null: none is given. */
export function mediaTypeOf(request: Request): string | null {
  const header = request.headers.get("content-type");
  return header === null ? null : (header.split(";")[0] ?? "").trim().toLowerCase();
}

function tooLarge(bytes: number): HttpError {
  return invalid({
    code: "payload-too-large",
    field: "body",
    given: `${bytes.toLocaleString("en")} bytes`,
    allowed: `at most ${LIMITS.bodyBytes.toLocaleString("en")} bytes`,
  });
}
