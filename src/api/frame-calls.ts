// The numbered calls of one frame. A busy client numbers a thousand of them, all of one producer and one after another, so that a call
// may leave out what follows from the one before it. Knows nothing of sockets: nothing is kept from one frame to the next.

import type { WireCall } from "../protocol/wire-call.ts";

/** As it was sent: nothing is known of it yet. */
type SentCall = { readonly [Name in keyof WireCall]?: WireCall[Name] | undefined };

export class FrameCalls {
  #before: SentCall | null = null;

  /**
   * Completes the call of a message, if it has one that names neither its producer nor its number: it is the producer's of the call
   * before it in the frame, and numbered one higher. Whether it is a call at all is for the operation to judge.
   */
  complete(message: unknown): void {
    const body = (message as { readonly body?: { call?: SentCall | null } | null } | null)?.body;
    const call = body?.call;
    if (!body || typeof call !== "object" || call === null || Array.isArray(call)) return;
    this.#before = this.#completed(call);
    if (this.#before !== call) body.call = this.#before;
  }

  /** Made anew: what a parser has made of `{}` has no room for names, and each that is added costs as much as the rest. */
  #completed(call: SentCall): SentCall {
    const before = this.#before;
    if (before?.number === undefined || call.producer !== undefined || call.number !== undefined) return call;
    const next = { producer: before.producer, number: before.number + 1 };
    for (const _name in call) return { ...next, ...call };
    return next;
  }
}
