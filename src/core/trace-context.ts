// The trace that a task belongs to, by the W3C's Trace Context (https://www.w3.org/TR/trace-context/): it travels in the task's
// headers `traceparent` and `tracestate`, from the producer to the consumer.

import { LIMITS } from "./limits.ts";
import type { NewTask } from "./new-task.ts";

export interface TraceContext {
  readonly traceparent: string;
  readonly tracestate?: string;
}

/** Version, trace id, parent id and flags; a later version than 00 may add more. No version is ff, no id all zeros. */
const TRACEPARENT = /^(?!ff)([\da-f]{2})-((?!0{32})[\da-f]{32})-((?!0{16})[\da-f]{16})-([\da-f]{2})(-.*)?$/;
/** Flags that have a meaning: sampled, and a random trace id. */
const KNOWN_FLAGS = 0b11;
/** Section 3.3.1.5 asks to carry at least so many characters. */
const TRACESTATE_LENGTH = 512;
const TRACESTATE_MEMBERS = 32;
const MEMBER = /^[a-z\d][\w*/@-]{0,255}=[\x20-\x2b\x2d-\x3c\x3e-\x7e]{0,255}[\x21-\x2b\x2d-\x3c\x3e-\x7e]$/;

/**
 * Reads a request's headers as section 4.3 says: an invalid `traceparent` takes `tracestate` along, and an invalid `tracestate`
 * is dropped alone. A later version than 00 is read as far as it is known.
 *
 * @returns null: there is no trace. Never throws.
 */
export function traceContextOf(traceparent: string | null, tracestate: () => string | null): TraceContext | null {
  const [, version, traceId, parentId, flags = "", more] = TRACEPARENT.exec(traceparent ?? "") ?? [];
  if (version === undefined || (version === "00" && more !== undefined)) return null;
  const known = version === "00" ? flags : (Number.parseInt(flags, 16) & KNOWN_FLAGS).toString(16).padStart(2, "0");
  const state = checkedState(tracestate());
  return { traceparent: `00-${traceId}-${parentId}-${known}`, ...(state === null ? {} : { tracestate: state }) };
}

function checkedState(tracestate: string | null): string | null {
  if (tracestate === null || tracestate.length > TRACESTATE_LENGTH) return null;
  const members = tracestate.split(",").flatMap((member) => member.trim() || []);
  const isValid =
    members.length > 0 && members.length <= TRACESTATE_MEMBERS && members.every((member) => MEMBER.test(member));
  return isValid ? members.join(",") : null;
}

/** The task with the trace among its headers. One that names a trace of its own keeps that, and so does one without room. */
export function traced(task: NewTask, trace: TraceContext): NewTask {
  const { headers = {} } = task;
  if (headers["traceparent"] !== undefined) return task;
  const { tracestate: _ofAnother, ...others } = headers;
  const withTrace = { ...others, ...trace };
  return Object.keys(withTrace).length > LIMITS.headerCount ? task : { ...task, headers: withTrace };
}
