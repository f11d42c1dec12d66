// What went wrong, as an answer: a request's own error is a problem document; any other is logged in full, and answered in brief.

import { failureProblem } from "../api/failure-problem.ts";
import { problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import type { RequestLog } from "./request-log.ts";
import { respondError } from "./respond.ts";

/** An error that is not of the request is one of the server: logged in full, answered in brief. */
export function respondFailure(error: unknown, log: RequestLog | null = null): Response {
  if (error instanceof HttpError) return noted(error, log);
  const known = failureProblem(error);
  if (known !== null) return noted(new HttpError(known), log);
  console.error("edgeq: a request failed:", error);
  return noted(new HttpError(problem("internal", "The request failed; whether it took effect is not known")), log);
}

function noted(error: HttpError, log: RequestLog | null): Response {
  log?.note({ code: error.problem.code });
  return respondError(error);
}
