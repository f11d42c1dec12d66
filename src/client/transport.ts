// How a client reaches the server: one call, one outcome. HTTP, a socket and a service binding are each a transport; what
// is tried again, and what is thrown, is decided above them.

import type { Problem } from "../protocol/problem.ts";
import type { WireCall } from "../protocol/wire-call.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";

export interface CallOptions {
  /** Ends the call: the outcome no longer matters to anybody. */
  readonly signal?: AbortSignal;
}

/** What a transport keeps a call to by itself. */
export interface CallLimits {
  /** Ends the call, whose outcome no longer matters to anybody. */
  readonly signal: AbortSignal | undefined;
  /** After so long without an answer the outcome is `unreachable`. ms. */
  readonly timeoutMs: number;
  /** What goes into the body as `call`; it is given apart. */
  readonly call: WireCall | undefined;
}

export type CallOutcome<Answer> =
  | { readonly kind: "answer"; readonly answer: Answer }
  /** The server refused, and says whether and when trying again makes sense. `retryAfterMs` null: it does not say when. */
  | { readonly kind: "problem"; readonly problem: Problem; readonly retryAfterMs: number | null }
  /**
   * No answer came: nobody knows whether the call took effect. `retryAfterMs`: what is between here and the server says when
   * to come again.
   */
  | { readonly kind: "unreachable"; readonly cause: unknown; readonly retryAfterMs?: number | null }
  /** Something that is no edgeq answered: the address is wrong, and asking again does not help. */
  | { readonly kind: "foreign"; readonly cause: Error };

/** Where the server is, for connections that are no calls. */
export interface Endpoint {
  /** The server's URL without a slash at the end. */
  readonly url: string;
  /** The token as it is now; undefined: none. */
  readonly token: () => Promise<string | undefined>;
}

export interface Transport {
  /** Absent: calls are all there is, and consumers poll. */
  readonly endpoint?: Endpoint;
  /**
   * Sends one operation to one queue.
   *
   * May reject: that is an outcome too, `unreachable` with the error as its cause, but for an EdgeqError, with which the call
   * ends. Need not heed the signal: whoever is called off does not wait.
   */
  call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    options: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>>;
  /**
   * As `call`, for many calls a second: without a signal and a timer for each. Its outcome is `unreachable` after `timeoutMs`, and it
   * rejects with the signal's reason, or as `call` does. undefined: not now, and `call` is to be used.
   */
  callWithin?<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    limits: CallLimits,
  ): Promise<CallOutcome<WireAnswer<Name>>> | undefined;
}
