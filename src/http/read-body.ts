// The body of a request, never more of it than is allowed.

import { LIMITS } from "../core/limits.ts";
import { problem } from "../protocol/problem.ts";
import { parseJson } from "../wire/json.ts";
import { parsed, type Parsed } from "../wire/invalid.ts";
import { HttpError, invalid } from "./http-error.ts";

/** The whole body; one that is larger than allowed is refused as soon as that is known. */
export async function readBytes(request: Request, limit: number = LIMITS.bodyBytes): Promise<Uint8Array> {
  const declared = Number(request.headers.get("content-length") ?? 0);
  if (declared > limit) throw tooLarge(limit, declared);
  if (request.body === null) return new Uint8Array();
  // A declared length is enforced by the platform.
  if (request.headers.has("content-length")) return new Uint8Array(await request.arrayBuffer());
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > limit) throw tooLarge(limit, bytes);
    chunks.push(chunk);
  }
  const body = new Uint8Array(bytes);
  let offset = 0;
  for (const chunk of chunks) {
    body.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return body;
}

export async function readText(request: Request, limit?: number): Promise<string> {
  const bytes = await readBytes(request, limit);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    throw invalid({ field: "body", given: `${bytes.byteLength} bytes`, allowed: "UTF-8" });
  }
}

/** A body of JSON, checked by `parse`. An empty one is an empty object, since every field may be absent. */
export async function readJson<Value>(request: Request, parse: (body: unknown) => Value): Promise<Value> {
  const type = contentTypeOf(request);
  if (type !== null && type !== "application/json" && !type.endsWith("+json")) {
    throw new HttpError(
      problem("unsupported-media-type", `content-type: given ${JSON.stringify(type)}, allowed: application/json`),
    );
  }
  const text = await readText(request);
  return valueOf(parsed(() => parse(text.trim() === "" ? {} : parseJson(text))));
}

/** The value, or the error that names the field. */
export function valueOf<Value>(result: Parsed<Value>): Value {
  if (result.kind === "invalid") throw invalid(result);
  return result.value;
}

/** The media type without its parameters; null: none is given. */
export function contentTypeOf(request: Request): string | null {
  const header = request.headers.get("content-type");
  return header === null ? null : (header.split(";")[0] ?? "").trim().toLowerCase();
}

function tooLarge(limit: number, given: number): HttpError {
  return new HttpError(
    problem("payload-too-large", `body: given ${given} bytes, allowed: at most ${limit}`, { limit }),
  );
}
