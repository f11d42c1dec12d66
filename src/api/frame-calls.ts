// The numbered calls of one frame. A busy client numbers a thousand of them, all of one producer and one after another, so that a call
// may leave out what follows from the one before it. Knows nothing of sockets: nothing is kept from one frame to the next.

import type { WireCall } from "../protocol/wire-call.ts";

/** As it was sent: nothing is known of it yet. */
type SentCall = { -readonly [Name in keyof WireCall]?: WireCall[Name] | undefined };

export class FrameCalls {
  #before: SentCall | null = null;

  /**
   * Completes the call of a message, if it has one that names neither its producer nor its number: it is the producer's of the call
   * before it in the frame, and numbered one higher. Whether it is a call at all is for the operation to judge.
   */
  complete(message: unknown): void {
    const call = callOf(message);
    if (call === null) return;
    const before = this.#before;
    if (before?.number !== undefined && call.producer === undefined && call.number === undefined) {
      call.producer = before.producer;
      call.number = before.number + 1;
    }
    this.#before = call;
  }
}

/** null: it is not numbered. */
function callOf(message: unknown): SentCall | null {
  const { body } = (message ?? {}) as { readonly body?: unknown };
  const { call } = (body ?? {}) as { readonly call?: unknown };
  return typeof call === "object" && !Array.isArray(call) ? call : null;
}
