// Which pages may work this server, and by which names it may be called. An open server asks nobody for a token, so a page of
// any site that a developer visits could use it: browsers send such requests, and only keep the answer from the page. It is
// therefore called by a loopback name only (a foreign name that resolves to 127.0.0.1 is DNS rebinding), and by no foreign page.

import { problem } from "../protocol/problem.ts";
import { shownText } from "../api/invalid.ts";
import { HttpError } from "./http-error.ts";
import type { Env } from "./route.ts";

/** What of the Worker's environment decides it. Plain workerd gives null for what its environment has not. */
export type OriginEnv = Pick<Env, "EDGEQ_AUTH" | "EDGEQ_ALLOWED_HOSTS" | "EDGEQ_CORS_ORIGINS">;

/** A URL whose host is one's own machine. */
const LOOPBACK = /^[a-z]+:\/\/(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?(?:[/?#]|$)/i;

/**
 * Why an open server must not answer this request, whatever its route; null: it may. With tokens, which no page has by itself,
 * it always may.
 */
export function foreignToOpenServer(url: string, origin: string | null, env: OriginEnv): HttpError | null {
  if (env.EDGEQ_AUTH !== "open") return null;
  if (!LOOPBACK.test(url)) {
    const host = hostOf(url);
    if (!listed(env.EDGEQ_ALLOWED_HOSTS).has(host.toLowerCase()))
      return forbidden(
        "host",
        host,
        "localhost, 127.0.0.1 or [::1] on an open server, or a host of EDGEQ_ALLOWED_HOSTS",
      );
  }
  return foreignOrigin(url, origin, env);
}

/**
 * Refuses pages of other origins than the server's own and those listed; null for them, and for what is no page's request and
 * so names no origin. For routes to which CORS does not apply: any page may open a WebSocket to anywhere.
 */
export function foreignOrigin(url: string, origin: string | null, env: OriginEnv): HttpError | null {
  if (origin === null || isOwn(origin, url) || allowedOrigin(origin, env) !== null) return null;
  return forbiddenOrigin(origin);
}

/** What to answer to a page of this other origin; null: it is not allowed. "*" names nobody, so on an open server it lets nobody in. */
export function allowedOrigin(origin: string, { EDGEQ_AUTH, EDGEQ_CORS_ORIGINS }: OriginEnv): string | null {
  const named = listed(EDGEQ_CORS_ORIGINS);
  if (named.has(origin)) return origin;
  return named.has("*") && EDGEQ_AUTH !== "open" ? "*" : null;
}

export function forbiddenOrigin(origin: string): HttpError {
  return forbidden("origin", origin, "the server's own origin, or one of EDGEQ_CORS_ORIGINS");
}

/** Whatever its scheme: before a proxy that ends TLS the server is https, behind it http. */
function isOwn(origin: string, url: string): boolean {
  return hostOf(origin).toLowerCase() === hostOf(url).toLowerCase();
}

/** The host and port of an absolute URL, as given. Taking a URL apart whole would take longer than the queue's work. */
function hostOf(url: string): string {
  const scheme = url.indexOf("://");
  if (scheme === -1) return "";
  const rest = url.slice(scheme + 3);
  const end = rest.search(/[/?#]/);
  return end === -1 ? rest : rest.slice(0, end);
}

function forbidden(field: string, value: string, allowed: string): HttpError {
  const given = shownText(value);
  const detail = `${field}: given ${JSON.stringify(given)}, allowed: ${allowed}`;
  return new HttpError(problem("forbidden", detail, { field, given, allowed }));
}

/** Settings never change while an isolate lives. */
const LISTS = new Map<string, ReadonlySet<string>>();

function listed(text: string | null | undefined): ReadonlySet<string> {
  const names = text ?? "";
  let list = LISTS.get(names);
  if (list === undefined) LISTS.set(names, (list = new Set(names.split(",").map((name) => name.trim()))));
  return list;
}
