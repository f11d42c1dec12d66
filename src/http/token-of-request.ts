// Where in a request the token is.

/** RFC 6750, 2.1. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]+=*) *$/i;
const SUBPROTOCOL = "edgeq.token.";

/** The token of the Authorization header; null: there is none, or it is of another scheme. */
export function bearerToken(request: Request): string | null {
  return BEARER.exec(request.headers.get("authorization") ?? "")?.[1] ?? null;
}

/**
 * The token of a WebSocket's opening request. A browser cannot set its headers, but can offer subprotocols: the token is
 * one of them, `edgeq.token.<jwt>`, beside the one that the server answers with. For the socket route only (`tokenOf`):
 * anywhere else a token stays in the Authorization header.
 */
export function socketToken(request: Request): string | null {
  const offered = (request.headers.get("sec-websocket-protocol") ?? "").split(",").map((name) => name.trim());
  const token = offered.find((name) => name.startsWith(SUBPROTOCOL));
  return bearerToken(request) ?? token?.slice(SUBPROTOCOL.length) ?? null;
}
