// Where in a request the token is.

import { isFromOwnPage, isOwnOrigin, isSocketOfOwnPage } from "../dashboard/serve/own-page.ts";

/** RFC 6750, 2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const SUBPROTOCOL = "edgeq.token.";

/** The token of the Authorization header; null: there is none, or it is of another scheme. */
function bearerToken(request: Request): string | null {
  return BEARER.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

/** The cookie that the dashboard's login sets. */
export const SESSION_COOKIE = "edgeq-session";

/**
 * The token of a request: of the Authorization header, else of the dashboard's cookie, else the one that Cloudflare Access puts
 * in. The cookie counts only for requests that come from the dashboard's own page: a browser sends it along with requests of
 * other pages as well.
 */
export function requestToken(request: Request): string | null {
  return bearerToken(request) ?? sessionToken(request) ?? accessToken(request);
}

/**
 * What Cloudflare Access puts into each request that it lets through: a token of its own, for who has logged in. It does so for
 * every page that makes the same browser ask, so it counts only where a browser says that no other site's page asks, or where no
 * browser asks at all.
 */
function accessToken({ headers }: Request): string | null {
  const token = headers.get("cf-access-jwt-assertion");
  if (token === null) return null;
  const site = headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return null;
  const origin = headers.get("origin");
  return origin === null || isOwnOrigin(origin, headers) ? token : null;
}

function sessionToken({ headers }: Request, isOwn = isFromOwnPage): string | null {
  const pairs = headers.get("cookie")?.split(";") ?? [];
  const pair = pairs.find((text) => text.trimStart().startsWith(`${SESSION_COOKIE}=`));
  if (pair === undefined || !isOwn(headers)) return null;
  return pair.trim().slice(SESSION_COOKIE.length + 1);
}

/**
 * The token of a WebSocket's opening request. A browser cannot set its headers, but can offer subprotocols: the token is
 * one of them, `edgeq.token.<jwt>`, beside the one that the server answers with. The dashboard's page does not know its token, and
 * has its cookie; Cloudflare Access may put one in. For the socket route only (`tokenOf`): anywhere else a token stays in the
 * Authorization header.
 */
export function socketToken(request: Request): string | null {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(SUBPROTOCOL));
  return (
    bearerToken(request) ??
    token?.slice(SUBPROTOCOL.length) ??
    sessionToken(request, isSocketOfOwnPage) ??
    accessToken(request)
  );
}
