// The transport from Worker to Worker: a service binding to edgeq's `QueueService`, by RPC, with no HTTP and no token.

import type { Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import type { CallOutcome, Transport } from "./transport.ts";

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
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    // RPC takes no signal.
    const outcome = await this.#binding.call(queue, operation as never, body as never);
    return outcome as ServiceOutcome as CallOutcome<WireAnswer<Name>>;
  }
}
