// A refusal that reaches its client though that is still sending. A server that answers and hangs up with unread bytes before
// it resets the connection, and the reset overtakes the answer: so the answer is sent whole at once, and what the client still
// sends after it is read on, within a bound, and thrown away. Then the connection is good for the next request, too.

import { LIMITS } from "../core/limits.ts";
import { BodyReader } from "./body-reader.ts";
import { declaredBytes } from "./read-body.ts";

/** A body that is not timed when it is read for its own sake, either. */
const SMALL_BYTES = 65_536;

/** Bodies that are being read on, each into 64 KiB of memory: strangers may send as many as they like. */
let reading = 0;

/** The same response, for a request whose body has not been read to its end. */
export async function respondWhileReading(
  response: Response,
  request: Request,
  ctx: ExecutionContext,
): Promise<Response> {
  const { body } = request;
  if (body === null || body.locked) return response;
  const declared = declaredBytes(request.headers);
  if (declared !== null && declared <= SMALL_BYTES) {
    // It has come with its head, as a rule: read at once it costs a tenth of a stream.
    await request.arrayBuffer().catch(() => {});
    return response;
  }
  // The platform ends the connection; of so many some refusals are overtaken.
  if (reading >= LIMITS.refusedBodies) return response;
  reading += 1;
  const answer = await response.bytes();
  // Its length is known to the client, who need not wait for its end.
  const { readable, writable } = new FixedLengthStream(answer.byteLength);
  ctx.waitUntil(sendAndRead(answer, writable, body));
  return new Response(readable, response);
}

async function sendAndRead(
  answer: Uint8Array,
  writable: WritableStream<Uint8Array>,
  body: ReadableStream<Uint8Array>,
): Promise<void> {
  const writer = writable.getWriter();
  const reader = new BodyReader(body, LIMITS.refusedBodyMs);
  try {
    await writer.write(answer);
    for (let bytes = 0; bytes < LIMITS.refusedBodyBytes;) {
      const piece = await reader.read();
      if (piece.kind !== "bytes") break;
      bytes += piece.bytes.byteLength;
    }
    await writer.close();
  } catch {
    // The client has gone: nobody is left to be answered.
  } finally {
    reading -= 1;
    void reader.cancel();
  }
}
