// A request that gets an error document, and how refusals of the queue become one. Only `http/` knows statuses.

import type { Refusal } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { shownText, type Parsed } from "../api/invalid.ts";
import { invalidProblem, isRefusal, refusalProblem } from "../api/refusal-problem.ts";

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

export function invalid(input: Parameters<typeof invalidProblem>[0]): HttpError {
  return new HttpError(invalidProblem(input));
}

/** The value, or the error that names the field. */
export function valueOf<Value>(result: Parsed<Value>): Value {
  if (result.kind === "invalid") throw invalid(result);
  return result.value;
}

/** A content type that is not taken here. */
export function unsupported(given: string, allowed: string): HttpError {
  const type = shownText(given);
  const detail = `content-type: given ${JSON.stringify(type)}, allowed: ${allowed}`;
  return new HttpError(problem("unsupported-media-type", detail, { field: "content-type", given: type, allowed }));
}

export function refused(refusal: Refusal): HttpError {
  return new HttpError(refusalProblem(refusal));
}

/** The answer of an operation, or its refusal as an error. */
export function answered<Answer extends string | { readonly kind: string }>(answer: Answer): Exclude<Answer, Refusal> {
  if (typeof answer !== "string" && isRefusal(answer)) throw refused(answer);
  return answer as Exclude<Answer, Refusal>;
}
