// CORS: the headers by which browsers let pages of the origins that the owner has named read answers. The server's own
// pages need none of it.

import { allowedOrigin, forbiddenOrigin, foreignToOpenServer } from "./origins.ts";
import { respondError } from "./respond.ts";
import type { Fetch } from "./route.ts";

/** Browsers keep a preflight's answer at most this long anyway. Seconds. */
const MAX_AGE_S = 7_200;
const METHODS = "GET, POST, PUT, PATCH, DELETE";
const HEADERS = "authorization, content-type, idempotency-key, traceparent, tracestate";
/** What a page may read beside the headers that every page may. */
const EXPOSED = "retry-after";

/** Answers preflights, and marks answers for origins that may read them. Credentials are never asked for: tokens are headers. */
export function withCors(fetch: Fetch): Fetch {
  return (request, env, ctx, url = request.url) => {
    const origin = request.headers.get("origin");
    const foreign = foreignToOpenServer(url, origin, env);
    if (foreign !== null) return Promise.resolve(respondError(foreign));
    return origin === null ? fetch(request, env, ctx, url) : fetchForPage(origin, request, env, ctx, url);
  };

  async function fetchForPage(origin: string, ...[request, env, ctx, url]: Parameters<Fetch>): Promise<Response> {
    const allowed = allowedOrigin(origin, env);
    if (request.method === "OPTIONS" && request.headers.has("access-control-request-method")) {
      return allowed === null ? respondError(forbiddenOrigin(origin)) : preflight(allowed);
    }
    const response = await fetch(request, env, ctx, url);
    // A socket's answer has no headers to add: no browser would look at them.
    if (allowed === null || response.status === 101) return response;
    response.headers.set("access-control-allow-origin", allowed);
    response.headers.set("access-control-expose-headers", EXPOSED);
    response.headers.append("vary", "origin");
    return response;
  }
}

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
