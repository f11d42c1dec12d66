// Options of a queue's client, checked at construction.

import { QUEUE_NAME } from "../protocol/call-limits.ts";
import { BindingTransport, type QueueBinding } from "./binding-transport.ts";
import { batchPolicy, type BatchOptions, type BatchPolicy } from "./batcher.ts";
import { systemClock } from "./clock.ts";
import { Caller, timeoutOption } from "./caller.ts";
import { InvalidOptionError } from "./edgeq-error.ts";
import { HTTP_OPTIONS, HttpTransport, type HttpTransportOptions } from "./http-transport.ts";
import { Numbering } from "./numbering.ts";
import { booleanOption, knownOptions } from "./option.ts";
import { retryPolicy, type RetryOptions } from "./retry-policy.ts";
import type { StandardSchema } from "./standard-schema.ts";
import type { Endpoint, Transport } from "./transport.ts";

/** How the server is reached: over HTTP, by a service binding, or by a transport such as SocketTransport. One of them. */
export type QueueReach =
  | HttpTransportOptions
  /** A service binding to the entrypoint QueueService of edgeq's Worker. */
  | { readonly binding: QueueBinding }
  | { readonly transport: Transport };

/** What payloads are checked by. */
export type QueueChecks<Payload, Claimed> =
  | {
      /** Checks each payload before it is sent (Standard Schema: zod, valibot, arktype and others). It is sent as it was given. */
      readonly schema?: StandardSchema<Payload, unknown>;
      readonly validateClaims?: false;
    }
  | {
      readonly schema: StandardSchema<Payload, Claimed>;
      /**
       * True: payloads of claimed tasks go through the schema too, and come out as it makes them. A task
       * that it refuses is dead at once, with what is wrong as its error; one over which it throws has failed. Both are left
       * out of the answer (see `onInvalid`).
       */
      readonly validateClaims: true;
    };

/** What a Queue is made from: how its server is reached, what checks its payloads, and these. */
export type QueueOptions<Payload = unknown, Claimed = Payload> = QueueReach &
  QueueChecks<Payload, Claimed> & {
    /** Limit of one attempt at a call. ms, default 30,000, 1 to 600,000; a claim's `waitMs` is added. */
    readonly timeoutMs?: number;
    /** How often and how long to try again what can be. `false`: never. */
    readonly retry?: RetryOptions | false;
    /**
     * True (the default): enqueues and modifies are numbered, so that one whose answer was lost is sent again and made once
     * (P10). It costs one row a call, whatever the number of tasks, and 256 calls may be without an answer; more wait. False:
     * such a call is sent again only when the server has answered that it wrote nothing. Without retries nothing is numbered.
     */
    readonly idempotent?: boolean;
    /**
     * Given: concurrent `enqueue` and concurrent `ack` calls travel together, under the queue's own `timeoutMs` and `retry`;
     * of a call's control its `signal` applies. Absent: each is a request of its own.
     */
    readonly batch?: BatchOptions;
  };

export interface QueueParts<Claimed> {
  readonly caller: Caller;
  readonly endpoint: Endpoint | null;
  readonly schema: StandardSchema<unknown, unknown> | null;
  readonly claimSchema: StandardSchema<unknown, Claimed> | null;
  readonly batch: BatchPolicy | null;
}

const OPTIONS = [
  ...HTTP_OPTIONS,
  "binding",
  "transport",
  "schema",
  "validateClaims",
  "timeoutMs",
  "retry",
  "idempotent",
  "batch",
];

/** Throws InvalidOptionError with name, value and range. */
export function queueParts<Payload, Claimed>(
  name: string,
  options: QueueOptions<Payload, Claimed>,
): QueueParts<Claimed> {
  if (typeof name !== "string" || !QUEUE_NAME.test(name)) {
    throw new InvalidOptionError("name", name, `a queue name matching ${QUEUE_NAME.source}`);
  }
  knownOptions("options", options, OPTIONS);
  const schema = checkedSchema(options.schema);
  const validatesClaims = booleanOption("validateClaims", options.validateClaims, false);
  if (validatesClaims && schema === null) throw new InvalidOptionError("validateClaims", true, "true with a schema");
  const transport = transportOf(options);
  return {
    endpoint: transport.endpoint ?? null,
    caller: new Caller({
      queue: name,
      transport,
      retry: retryPolicy(options.retry),
      timeoutMs: timeoutOption(options.timeoutMs, 30_000),
      clock: systemClock,
      numbering: booleanOption("idempotent", options.idempotent, true) ? new Numbering() : undefined,
    }),
    schema,
    claimSchema: validatesClaims ? (schema as StandardSchema<unknown, Claimed>) : null,
    batch: options.batch === undefined ? null : batchPolicy(options.batch),
  };
}

function transportOf(options: QueueReach): Transport {
  const [reach = "url", beside] = ["binding", "transport", ...HTTP_OPTIONS].filter((option) => option in options);
  if ((HTTP_OPTIONS as readonly string[]).includes(reach)) {
    const { url, token, fetch } = options as HttpTransportOptions;
    return new HttpTransport({ url, token, fetch });
  }
  if (beside !== undefined) throw new InvalidOptionError(beside, "a value", `absent beside ${reach}`);
  const { binding, transport } = options as { readonly binding?: QueueBinding; readonly transport?: Transport };
  // A binding is a stub of which every property is a function, known or not.
  const given: Partial<QueueBinding | Transport> | undefined = binding ?? transport;
  if (typeof given?.call !== "function") throw new InvalidOptionError(reach, given, "an object with a method call");
  return binding === undefined ? (transport as Transport) : new BindingTransport(binding);
}

function checkedSchema(schema: Partial<StandardSchema> | null | undefined): StandardSchema<unknown, unknown> | null {
  if (schema === undefined) return null;
  const standard = schema?.["~standard"];
  if (standard?.version === 1 && typeof standard.validate === "function") return schema as StandardSchema;
  throw new InvalidOptionError("schema", schema, "a Standard Schema of version 1");
}
