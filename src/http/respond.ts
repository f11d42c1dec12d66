// Answers as HTTP responses.

import type { HttpError } from "./http-error.ts";

const JSON_TYPE = { "content-type": "application/json" };

export function respondJson(body: unknown, status = 200): Response {
  return respondText(JSON.stringify(body), status);
}

/** JSON that is text already. */
export function respondText(json: string, status = 200): Response {
  return new Response(json, { status, headers: JSON_TYPE });
}

export function respondError({ problem, headers }: HttpError): Response {
  return new Response(JSON.stringify(problem), {
    status: problem.status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}
