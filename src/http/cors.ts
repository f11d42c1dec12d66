// Which pages of which origins a browser lets talk to this server: none, until the owner names them. On an open server, which
// is on one's own machine, pages from that machine may.

import { problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import { respondError } from "./respond.ts";
import type { Env } from "./route.ts";

type Fetch = (request: Request, env: Env, ctx: ExecutionContext) => Promise<Response>;

/** Browsers keep a preflight's answer at most this long anyway. Seconds. */
const MAX_AGE_S = 7_200;
const METHODS = "GET, POST, PUT, PATCH, DELETE";
const HEADERS = "authorization, content-type";
/** What a page may read beside the headers that every page may. */
const EXPOSED = "retry-after";

/** Answers preflights, and marks answers for origins that may read them. Credentials are never asked for: tokens are headers. */
export function withCors(fetch: Fetch): Fetch {
  return async (request, env, ctx) => {
    const origin = request.headers.get("origin");
    if (origin === null) return fetch(request, env, ctx);
    const allowed = allowedOrigin(origin, env);
    if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) {
      return allowed === null ? refused(origin) : preflight(allowed);
    }
    const response = await fetch(request, env, ctx);
    // A socket's answer has no headers to add: no browser would look at them.
    if (allowed === null || response.status === 101) return response;
    response.headers.set("access-control-allow-origin", allowed);
    response.headers.set("access-control-expose-headers", EXPOSED);
    response.headers.append("vary", "origin");
    return response;
  };
}

/** What to answer to this origin; null: it is not allowed. */
function allowedOrigin(origin: string, { EDGEQ_CORS_ORIGINS, EDGEQ_AUTH }: Env): string | null {
  // Plain workerd gives null for what its environment has not.
  const named = new Set((EDGEQ_CORS_ORIGINS ?? "").split(",").map((name) => name.trim()));
  if (named.has("*")) return "*";
  if (named.has(origin)) return origin;
  return EDGEQ_AUTH === "open" && LOOPBACK.test(origin) ? origin : null;
}

const LOOPBACK = /^https?:\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?$/;

function preflight(allowed: string): Response {
  return new Response(null, {
    status: 204,
    headers: {
      "access-control-allow-origin": allowed,
      "access-control-allow-methods": METHODS,
      "access-control-allow-headers": HEADERS,
      "access-control-max-age": String(MAX_AGE_S),
      vary: "origin",
    },
  });
}

function refused(origin: string): Response {
  const detail = `origin: given ${JSON.stringify(origin)}, allowed: the origins listed in EDGEQ_CORS_ORIGINS`;
  return respondError(new HttpError(problem("forbidden", detail)));
}
