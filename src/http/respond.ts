// Answers as HTTP responses.

import { retryAfterMsOf } from "../api/failure-problem.ts";
import { PROBLEMS } from "../protocol/problem.ts";
import type { HttpError } from "./http-error.ts";

export function respondJson(body: unknown, status = 200): Response {
  return respondText(JSON.stringify(body), status);
}

/** JSON that is text already, or text of another type. What may be of more than 64 KiB is for respond-held.ts. */
export function respondText(text: string | ReadableStream, status = 200, type?: string): Response {
  if (type !== undefined) return new Response(text, { status, headers: { "content-type": type } });
  return new Response(text, status === 200 ? OK : status === 201 ? CREATED : jsonOf(status));
}

function jsonOf(status: number): Response {
  return new Response(null, { status, headers: { "content-type": "application/json" } });
}

/** What answers are like. The platform copies a response; of any other object it looks up one name after the other, for 2 µs. */
const OK = jsonOf(200);
const CREATED = jsonOf(201);

export function respondError({ problem, headers }: Pick<HttpError, "problem" | "headers">): Response {
  const retryAfterMs = retryAfterMsOf(problem, PROBLEMS[problem.code].retryable);
  const retry = retryAfterMs === null ? {} : { "retry-after": String(Math.ceil(retryAfterMs / 1_000)) };
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...retry, ...headers },
  });
}
