// A request that gets an error document, and how refusals of the queue become one. Only `http/` knows statuses.

import type { Refusal } from "../core/operation.ts";
import { PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { InvalidInput } from "../wire/invalid.ts";
import { isRefusal, problemOf, problemOfInvalid } from "../wire/problem-of.ts";

/** Thrown by anything that handles a request; the router answers with its problem. */
export class HttpError extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(document: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(document.detail);
    this.problem = document;
    this.headers = headers;
  }
}

/** Seconds after which trying again makes sense, for what passes by itself. */
const RETRY_AFTER_S = "1";

export function invalid(input: Omit<InvalidInput, "kind">): HttpError {
  return new HttpError(problemOfInvalid(input));
}

/** The error of a refusal; what may pass by itself says when to try again. */
export function refused(refusal: Refusal): HttpError {
  const document = problemOf(refusal);
  const isRetryable = PROBLEMS[document.code].retryable;
  return new HttpError(document, isRetryable ? { "retry-after": RETRY_AFTER_S } : {});
}

/** The answer of an operation, or its refusal as an error. */
export function answered<Outcome extends { readonly kind: string }>(outcome: Outcome): Exclude<Outcome, Refusal> {
  if (isRefusal(outcome)) throw refused(outcome);
  return outcome as Exclude<Outcome, Refusal>;
}
