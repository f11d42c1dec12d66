// Answers as HTTP responses.

import { PROBLEMS } from "../protocol/problem.ts";
import type { HttpError } from "./http-error.ts";

export function respondJson(body: unknown, status = 200): Response {
  return respondText(JSON.stringify(body), status);
}

/** JSON that is text already. */
export function respondText(json: string, status = 200): Response {
  return new Response(json, { status, headers: { "content-type": "application/json" } });
}

/** Seconds after which trying again makes sense, for what passes by itself. */
const RETRY_AFTER_S = "1";

export function respondError({ problem, headers }: HttpError): Response {
  const retry = PROBLEMS[problem.code].retryable ? { "retry-after": RETRY_AFTER_S } : {};
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...retry, ...headers },
  });
}
