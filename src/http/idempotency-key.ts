// The Idempotency-Key header: draft-ietf-httpapi-idempotency-key-header.

import { callOfKey } from "../api/operations/numbered-call.ts";
import { parsed } from "../api/invalid.ts";
import type { InputOf } from "../core/operation.ts";
import { invalid, valueOf } from "./http-error.ts";

/** The input with the key of its request's headers, if they have one. */
export function keyed<Input extends InputOf<"enqueue" | "modify">>(input: Input, headers: Headers): Input {
  const header = headers.get("idempotency-key");
  if (header === null) return input;
  if (input.call !== undefined)
    throw invalid({ field: "call", given: input.call, allowed: "absent beside idempotency-key" });
  return { ...input, call: valueOf(parsed(() => callOfKey(header))) };
}
