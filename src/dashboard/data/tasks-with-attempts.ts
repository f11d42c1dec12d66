// Pages of tasks with the attempts that each remembers. `edgeq ui` may show a server that is older than the page and refuses a field
// it does not know: such a server is asked for the tasks alone.

import type { WireAnswer, WireBody } from "../../protocol/wire-operations.ts";
import { call, CallError } from "./call.ts";

type Paged = "browse" | "search";

/** The server has refused the field once. */
let isOlder = false;

/** @throws {CallError} as `call` */
export async function tasksWithAttempts<Name extends Paged>(
  queue: string,
  operation: Name,
  body: WireBody<Name>,
  abort: AbortSignal,
): Promise<WireAnswer<Name>> {
  if (isOlder) return call(queue, operation, body, abort);
  try {
    return await call(queue, operation, { ...body, pastAttempts: true }, abort);
  } catch (error) {
    if (!(error instanceof CallError) || error.problem?.["field"] !== "pastAttempts") throw error;
    isOlder = true;
    return call(queue, operation, body, abort);
  }
}
