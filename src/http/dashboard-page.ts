// The dashboard's paths, before those of the API: its files, and its session. Strangers get the page too, since it says nothing
// about this server; everything it shows comes from the API, which asks for a token.

import { pageFileAt, type PageFile } from "../dashboard/serve/page-files.ts";
import { dashboardSession, SESSION_PATH } from "./dashboard-session.ts";
import { HttpError } from "./http-error.ts";
import { pathOf } from "./path-of.ts";
import { respondError } from "./respond.ts";
import type { Env, Fetch } from "./route.ts";

/** Answers the dashboard's own paths, and leaves all others to `fetch`. */
export function withDashboard(fetch: Fetch): Fetch {
  return (request, env, ctx, url = request.url) => {
    const path = pathOf(url);
    // Most requests are for these. The page has no path there, and to ask for the method takes as long as all of this.
    if (path.startsWith("/v1/")) return fetch(request, env, ctx, url);
    if (path === SESSION_PATH) return session(request, env);
    const isRead = request.method === "GET" || request.method === "HEAD";
    const file = isRead ? pageFileAt(path) : null;
    if (file === null) return fetch(request, env, ctx, url);
    return Promise.resolve(respondFile(file, request));
  };
}

function respondFile({ body, headers }: PageFile, request: Request): Response {
  const isKnown = request.headers.get("if-none-match") === headers["etag"];
  if (isKnown) return new Response(null, { status: 304, headers });
  return new Response(request.method === "HEAD" ? null : body, { headers });
}

async function session(request: Request, env: Env): Promise<Response> {
  try {
    return await dashboardSession(request, env);
  } catch (error) {
    if (error instanceof HttpError) return respondError(error);
    throw error;
  }
}
