// The transport from Worker to Worker: a service binding to edgeq's `QueueService`, by RPC, with no HTTP and no token.

import type { Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import type { CallOptions, CallOutcome, Transport } from "./transport.ts";

/** What is used of the binding; `Service<typeof QueueService>` is one. Its own types cannot be named without the Workers'. */
export interface QueueBinding {
  call(queue: string, operation: never, body: never): PromiseLike<unknown>;
}

/** What QueueService answers with. */
type ServiceOutcome =
  | { readonly kind: "answer"; readonly answer: unknown }
  | { readonly kind: "problem"; readonly problem: Problem; readonly retryAfterMs: number | null };

export class BindingTransport implements Transport {
  readonly #binding: QueueBinding;

  constructor(binding: QueueBinding) {
    this.#binding = binding;
  }

  async call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    { signal }: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    signal?.throwIfAborted();
    try {
      const outcome = await settledOrAborted(this.#binding.call(queue, operation as never, body as never), signal);
      return outcome as ServiceOutcome as CallOutcome<WireAnswer<Name>>;
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      return { kind: "unreachable", cause: error };
    }
  }
}

/** RPC takes no signal: an aborted call goes on over there, and nobody here waits for it. */
async function settledOrAborted(call: PromiseLike<unknown>, signal: AbortSignal | undefined): Promise<unknown> {
  if (signal === undefined) return call;
  let abort: (() => void) | undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason as Error);
    signal.addEventListener("abort", abort);
  });
  try {
    return await Promise.race([call, aborted]);
  } finally {
    if (abort !== undefined) signal.removeEventListener("abort", abort);
  }
}
