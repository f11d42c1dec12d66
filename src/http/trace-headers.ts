// The trace of a request that inserts tasks, from its headers `traceparent` and `tracestate`. Wrong ones are dropped, as the W3C's
// Trace Context says: they are the transport's, and no fault of the tasks.

import type { Operation } from "../api/operation.ts";
import type { InputOf } from "../core/operation.ts";
import { traceContextOf } from "../core/trace-context.ts";
import type { Call } from "./route.ts";

type Traced = "enqueue" | "modify";

/** Reads a request as `read` does, with the trace of its headers if it has one. */
export function withTrace<Name extends Traced>(
  read: (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>>,
): (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> {
  return async (call, operation) => {
    const { headers } = call.request;
    const traceparent = headers.get("traceparent");
    const input = await read(call, operation);
    const trace = traceparent === null ? null : traceContextOf(traceparent, () => headers.get("tracestate"));
    return trace === null ? input : { ...input, trace };
  };
}
