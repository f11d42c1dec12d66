// The entrypoint by which another Worker reaches queues: a service binding instead of a URL and a token. Its props say
// which queues and actions the binding may use; without props it may use none.

import { WorkerEntrypoint } from "cloudflare:workers";
import type { ObjectBindings } from "../object/object-bindings.ts";
import type { Action } from "../protocol/action.ts";
import { OPERATIONS } from "../api/operation-table.ts";
import type { WireAnswer, WireBody, WireOperationName, WireOperations } from "../protocol/wire-operations.ts";
import { callOperation, type ServiceOutcome } from "./call-operation.ts";

/** Set in the binding's `props`, in the wrangler.toml of the Worker that calls. */
export interface QueueServiceProps {
  /** Names of queues, in which `*` stands for any characters, or none. 1 to 100. */
  readonly queues: readonly string[];
  readonly can: readonly Action[];
}

type Outcome<Name extends WireOperationName> = Promise<ServiceOutcome<WireAnswer<Name>>>;

/** A body of which nothing is required may be left out. */
type Methods = {
  readonly [Name in keyof WireOperations]: (
    queue: string,
    ...body: WireBody<"getQueue"> extends WireBody<Name> ? [body?: WireBody<Name>] : [body: WireBody<Name>]
  ) => Outcome<Name>;
};

const WithMethods = WorkerEntrypoint as new (
  ...given: ConstructorParameters<typeof WorkerEntrypoint<ObjectBindings, QueueServiceProps>>
) => WorkerEntrypoint<ObjectBindings, QueueServiceProps> & Methods;

/**
 * Every operation of a queue over RPC, a method each. Bodies and answers are those of the HTTP API (docs/binding.md); a method never
 * throws for what a caller can do wrong.
 */
export class QueueService extends WithMethods {
  static {
    for (const name of Object.keys(OPERATIONS) as WireOperationName[]) {
      Object.defineProperty(this.prototype, name, {
        value(this: QueueService, queue: string, body?: unknown) {
          return this.#call(queue, name, body ?? {});
        },
      });
    }
  }

  /** The operation by its name: what clients are built on. */
  call<Name extends WireOperationName>(queue: string, operation: Name, body: WireBody<Name>): Outcome<Name> {
    return this.#call(queue, operation, body);
  }

  #call<Name extends WireOperationName>(queue: string, name: Name, body: unknown): Outcome<Name> {
    return callOperation(this.env, this.ctx.props, queue, name, body);
  }
}
