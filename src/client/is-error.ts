// Questions to ask of a caught error, for whoever would rather not compare classes.

import type { ProblemCode } from "../protocol/problem.ts";
import { EdgeqError } from "./edgeq-error.ts";
import { ProblemError } from "./problem-error.ts";

/** Whether the client threw it. */
export function isEdgeqError(error: unknown): error is EdgeqError {
  return error instanceof EdgeqError;
}

/** Whether the server refused with this code, or, without a code, with any. */
export function isProblem<Code extends ProblemCode>(error: unknown, code?: Code): error is ProblemError<Code> {
  return error instanceof ProblemError && (code === undefined || error.code === code);
}

/** Whether the same call may succeed later: the server was busy, full, paused or not reached. */
export function isRetryable(error: unknown): boolean {
  return error instanceof EdgeqError && error.retryable;
}
