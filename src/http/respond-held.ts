// Answers as large as the payloads in them. The platform keeps what a client does not read for as long as it is connected: each such
// answer is counted while it is held, sent in pieces, and given up when its client takes none of them.

import { LIMITS } from "../core/limits.ts";
import { ADMISSION } from "./admission.ts";
import { respondText } from "./respond.ts";

/** Smaller ones are as many as the requests under way, which are bounded. Characters. */
const SMALL_LENGTH = 65_536;
const PIECE_BYTES = 262_144;

/**
 * The same as `respondText`, for text that may be large.
 *
 * @throws {HttpError} `overloaded` when too much is held already: nothing has been sent
 */
export function respondHeld(json: string, ctx: ExecutionContext, status = 200): Response {
  if (json.length <= SMALL_LENGTH) return respondText(json, status);
  const bytes = new TextEncoder().encode(json);
  ADMISSION.hold("answers", bytes.byteLength);
  const { readable, writable } = new FixedLengthStream(bytes.byteLength);
  ctx.waitUntil(sendHeld(bytes, writable.getWriter()));
  return new Response(readable, { status, headers: { "content-type": "application/json" } });
}

/** Sends what `ADMISSION` holds to its end, or until the client takes no more. Never rejects. */
export async function sendHeld(bytes: Uint8Array, writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
  try {
    for (let at = 0; at < bytes.byteLength; at += PIECE_BYTES) {
      await taken(writer.write(bytes.subarray(at, at + PIECE_BYTES)));
    }
    await taken(writer.close());
  } catch (error) {
    // Not waited for: the client may never take what was written before.
    void writer.abort(error).catch(() => {});
  } finally {
    ADMISSION.release("answers", bytes.byteLength);
  }
}

async function taken(piece: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the client does not read")), LIMITS.unreadAnswerMs);
  await Promise.race([piece, promise]).finally(() => clearTimeout(timer));
}
