// The dashboard's paths, before those of the API: its files, and its session. Strangers get the page too, since it says nothing
// about this server; everything it shows comes from the API, which asks for a token.

import { pageFileAt, type PageFile } from "../dashboard/serve/page-files.ts";
import { dashboardSession, SESSION_PATH } from "./dashboard-session.ts";
import { pathOf } from "./path-of.ts";
import { respondFailure } from "./respond-failure.ts";
import { respondShared } from "./respond-held.ts";
import { respondWhileReading } from "./respond-while-reading.ts";
import type { Env, Fetch } from "./route.ts";

/** Answers the dashboard's own paths, and leaves all others to `fetch`. */
export function withDashboard(fetch: Fetch): Fetch {
  return (request, env, ctx, url = request.url) => {
    const path = pathOf(url);
    // Most requests are for these. The page has no path there, and to ask for the method takes as long as all of this.
    if (path.startsWith("/v1/")) return fetch(request, env, ctx, url);
    if (path === SESSION_PATH) return session(request, env, ctx);
    const isRead = request.method === "GET" || request.method === "HEAD";
    const file = isRead ? pageFileAt(path) : null;
    if (file === null) return fetch(request, env, ctx, url);
    return Promise.resolve(respondFile(file, request, ctx));
  };
}

/** The files as they are sent, by their tags; there are four. */
const BYTES = new Map<string, Uint8Array>();

function respondFile({ body, headers }: PageFile, request: Request, ctx: ExecutionContext): Response {
  const isKnown = request.headers.get("if-none-match") === headers["etag"];
  if (isKnown) return new Response(null, { status: 304, headers });
  if (request.method === "HEAD") return new Response(null, { headers });
  const tag = headers["etag"] ?? "";
  const bytes = BYTES.get(tag) ?? new TextEncoder().encode(body);
  BYTES.set(tag, bytes);
  return respondShared(bytes, ctx, headers);
}

async function session(request: Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  try {
    return await dashboardSession(request, env);
  } catch (error) {
    return respondWhileReading(respondFailure(error), request, ctx);
  }
}
