// Answers that may be large. The platform keeps what a client does not read for as long as it is connected: so each is sent in pieces,
// given up when its client takes none of them, and counted while it is held. What is the same for everybody is held once.

import { LIMITS } from "../core/limits.ts";
import { ADMISSION } from "./admission.ts";
import { respondText } from "./respond.ts";

/** Smaller ones fit into what the system keeps for a connection. Characters. */
const SMALL_LENGTH = 65_536;
const PIECE_BYTES = 262_144;
const SHARED_PIECE_BYTES = 16_384;

/**
 * The same as `respondText`, for text that may be large.
 *
 * @throws {HttpError} `overloaded` when too much is held already: nothing has been sent
 */
export function respondHeld(text: string, ctx: ExecutionContext, status = 200, type?: string): Response {
  if (text.length <= SMALL_LENGTH) return respondText(text, status, type);
  const bytes = new TextEncoder().encode(text);
  ADMISSION.hold("answers", bytes.byteLength);
  const { readable, writable } = new FixedLengthStream(bytes.byteLength);
  ctx.waitUntil(sendHeld(bytes, writable.getWriter()));
  return respondText(readable, status, type);
}

/** The same, of a list or another value. */
export function respondHeldJson(value: unknown, ctx: ExecutionContext): Response {
  return respondHeld(JSON.stringify(value), ctx);
}

/** Sends what `ADMISSION` holds to its end, or until the client takes no more. Never rejects. */
export async function sendHeld(bytes: Uint8Array, writer: WritableStreamDefaultWriter<Uint8Array>): Promise<void> {
  await send(bytes, writer, PIECE_BYTES);
  ADMISSION.release("answers", bytes.byteLength);
}

/** Bytes that are the same for everybody, strangers among them: they take no part of what is held for those with tokens. */
export function respondShared(bytes: Uint8Array, ctx: ExecutionContext, headers: HeadersInit): Response {
  const { readable, writable } = new FixedLengthStream(bytes.byteLength);
  ctx.waitUntil(send(bytes, writable.getWriter(), SHARED_PIECE_BYTES));
  return new Response(readable, { headers });
}

/** Never rejects. */
async function send(
  bytes: Uint8Array,
  writer: WritableStreamDefaultWriter<Uint8Array>,
  pieceBytes: number,
): Promise<void> {
  try {
    for (let at = 0; at < bytes.byteLength; at += pieceBytes) {
      await taken(writer.write(bytes.subarray(at, at + pieceBytes)));
    }
    await taken(writer.close());
  } catch (error) {
    // Not waited for: the client may never take what was written before.
    void writer.abort(error).catch(() => {});
  }
}

async function taken(piece: Promise<void>): Promise<void> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("the client does not read")), LIMITS.unreadAnswerMs);
  await Promise.race([piece, promise]).finally(() => clearTimeout(timer));
}
