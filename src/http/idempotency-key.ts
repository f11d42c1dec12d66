// The Idempotency-Key header: draft-ietf-httpapi-idempotency-key-header.

import { callOfKey } from "../api/operations/numbered-call.ts";
import { parsed } from "../api/invalid.ts";
import type { Operation } from "../api/operation.ts";
import type { InputOf } from "../core/operation.ts";
import { invalid, valueOf } from "./http-error.ts";
import { readInput } from "./routes/operation.ts";
import type { Call } from "./route.ts";

type Keyed = "enqueue" | "modify";

/** Reads a request as `read` does, with the key of its header if it has one. */
export function withKey<Name extends Keyed>(
  read: (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> = readInput,
): (call: Call, operation: Operation<Name>) => Promise<InputOf<Name>> {
  return async (call, operation) => {
    const header = call.request.headers.get("idempotency-key");
    const input = await read(call, operation);
    if (header === null) return input;
    if (input.call !== undefined)
      throw invalid({ field: "call", given: input.call, allowed: "absent beside idempotency-key" });
    return { ...input, call: valueOf(parsed(() => callOfKey(header))) };
  };
}
