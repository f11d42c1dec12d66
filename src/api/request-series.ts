// Requests of one operation that travel as one message: a busy client has hundreds in a frame, and what is the same in all of them,
// or rises by one from each to the next, is said once. Knows nothing of sockets.

import { LIMITS } from "../core/limits.ts";
import type { NumberedCall } from "../core/numbered-call.ts";
import { Invalid } from "./invalid.ts";
import { isOperation, OPERATIONS } from "./operation-table.ts";
import { numberedCall } from "./operations/numbered-call.ts";
import { arrayOf } from "./schema/lists.ts";
import { object, optional, required } from "./schema/object.ts";
import { anyJson, integer, text } from "./schema/scalars.ts";

const exact = { min: Number.MIN_SAFE_INTEGER, max: Number.MAX_SAFE_INTEGER };

const series = object(
  {
    id: required(integer(exact), "Of the first; each next one's is one higher."),
    op: required(text(LIMITS.requestIdLength)),
    call: optional(numberedCall, "none", "Of the first; each next one has the same producer, and the next number."),
    bodies: required(arrayOf(anyJson(), LIMITS.frameMessages, "bodies")),
  },
  (values, refuse, path) => {
    const { id, op, call, bodies } = values;
    const further = bodies.length - 1;
    if (id > exact.max - further) refuse("id", `at most ${exact.max - further}, for ${bodies.length} bodies`);
    if (call === undefined) return values;
    if (!isOperation(op) || !("call" in OPERATIONS[op].fields)) refuse("call", "no call for this operation");
    if (call.number > exact.max - further)
      throw new Invalid(`${path}.call.number`, call.number, `at most ${exact.max - further}`);
    return values;
  },
);

/** Whether a message is such a series, well formed or not. */
export function isSeries(message: unknown): message is { readonly bodies: unknown } {
  return typeof message === "object" && message !== null && "bodies" in message;
}

/** How many requests a frame is counted as for this message. */
export function requestsIn(message: unknown): number {
  return isSeries(message) && Array.isArray(message.bodies) && message.bodies.length > 1 ? message.bodies.length : 1;
}

/** @throws {Invalid} */
export function parseSeries(message: unknown): ReturnType<typeof series.parse> {
  return series.parse(message, "message");
}

/** The call of the request at a place in its series. */
export function callAt(first: NumberedCall | undefined, place: number): NumberedCall | undefined {
  if (first === undefined || place === 0) return first;
  return { producer: first.producer, number: first.number + place };
}
