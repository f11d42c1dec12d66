// The trace of a request that inserts tasks, from its headers `traceparent` and `tracestate`. Wrong ones are dropped, as the W3C's
// Trace Context says: they are the transport's, and no fault of the tasks.

import type { InputOf } from "../core/operation.ts";
import { traceContextOf } from "../core/trace-context.ts";

/** The input with the trace of its request's headers, if they have one. */
export function traced<Input extends InputOf<"enqueue" | "modify">>(input: Input, headers: Headers): Input {
  const traceparent = headers.get("traceparent");
  const trace = traceparent === null ? null : traceContextOf(traceparent, () => headers.get("tracestate"));
  return trace === null ? input : { ...input, trace };
}
