// A request that gets an error document as its answer, and the headers that go with it.

import type { Refusal } from "../core/operation.ts";
import { PROBLEMS, type Problem } from "../protocol/problem.ts";
import type { InvalidInput } from "../wire/invalid.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../wire/refusal-problem.ts";

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
  return new HttpError(invalidProblem(input));
}

/** A refusal as an error. What passes by itself is told when to try again. */
export function refused(refusal: Refusal): HttpError {
  const document = refusalProblem(refusal);
  return new HttpError(document, PROBLEMS[document.code].retryable ? { "retry-after": RETRY_AFTER_S } : {});
}

/** The answer of an operation, or its refusal as an error. */
export function answered<Outcome extends { readonly kind: string }>(outcome: Outcome): Exclude<Outcome, Refusal> {
  if (isRefusal(outcome)) throw refused(outcome);
  return outcome as Exclude<Outcome, Refusal>;
}
