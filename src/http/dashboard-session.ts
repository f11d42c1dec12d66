// Login of the dashboard: a token is handed over once and from then on lies in a cookie that scripts cannot read, so that
// neither an address nor a page's storage ever holds it. The token stays what decides; the cookie only carries it.

import { isFromOwnPage } from "../dashboard/serve/own-page.ts";
import { problem } from "../protocol/problem.ts";
import { authenticate } from "./authorize.ts";
import { HttpError, invalid } from "./http-error.ts";
import { readBytes } from "./read-body.ts";
import { respondJson } from "./respond.ts";
import type { Env } from "./route.ts";
import { requestToken, SESSION_COOKIE } from "./token-of-request.ts";

export const SESSION_PATH = "/session";

/** Browsers drop cookies of more than 4,096 bytes without a word. */
const MOST_COOKIE = 3_900;
/** A token in JSON. Strangers send it: what they may have parsed is little, however many values it has. */
const MOST_BODY = 2 * MOST_COOKIE;

/**
 * `GET /session`: what the page may do. `POST {"token"}`: logs in. `DELETE`: logs out.
 *
 * @returns 200 with `{open, queues, can, endsAt, now}`; `endsAt` null when it never ends
 * @throws {HttpError} `unauthorized` for a bad token or none; `forbidden` for a change that another site's page asks for;
 *   `invalid-request` or `payload-too-large` for another body
 */
export async function dashboardSession(request: Request, env: Env): Promise<Response> {
  switch (request.method) {
    case "GET":
      return granted(request, env, requestToken);
    case "POST": {
      refuseForeign(request);
      const token = await tokenOfBody(request);
      const response = await granted(request, env, () => token);
      response.headers.append("set-cookie", cookie(request, token));
      return response;
    }
    case "DELETE": {
      refuseForeign(request);
      const response = respondJson({});
      response.headers.append("set-cookie", `${cookie(request, "")}; Max-Age=0`);
      return response;
    }
    default: {
      const detail = `method: given ${request.method}, allowed: GET, POST, DELETE`;
      throw new HttpError(problem("method-not-allowed", detail, { field: "method" }), { allow: "GET, POST, DELETE" });
    }
  }
}

async function granted(request: Request, env: Env, tokenOf: (request: Request) => string | null): Promise<Response> {
  const { grant } = await authenticate(request, env, tokenOf);
  const { queues, can, endsAt = null } = grant;
  const response = respondJson({ open: env.EDGEQ_AUTH === "open", queues, can, endsAt, now: Date.now() });
  response.headers.set("cache-control", "no-store");
  return response;
}

/** Another site must neither end a session nor put its own token in the place of the reader's. */
function refuseForeign({ headers }: Request): void {
  if (!isFromOwnPage(headers))
    throw new HttpError(problem("forbidden", "Only the dashboard's own page may log in and out"));
}

async function tokenOfBody(request: Request): Promise<string> {
  const text = new TextDecoder().decode(await readBytes(request, MOST_BODY));
  let token: unknown;
  try {
    token = (JSON.parse(text) as { readonly token?: unknown } | null)?.token;
  } catch {
    token = undefined;
  }
  const allowed = `a token of 1 to ${MOST_COOKIE} characters`;
  // The value is a secret, and is not shown.
  if (typeof token !== "string") throw invalid({ field: "token", given: "no text", allowed });
  if (token.length === 0 || token.length > MOST_COOKIE || !/^[\w.~+/=-]+$/.test(token)) {
    throw invalid({ field: "token", given: `${token.length} characters`, allowed });
  }
  return token;
}

/** No Max-Age: it ends with the browser, or when the token does. The page's scheme decides: a proxy may have ended TLS. */
function cookie(request: Request, token: string): string {
  const isSecure = (request.headers.get("origin") ?? request.url).startsWith("https:");
  return `${SESSION_COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict${isSecure ? "; Secure" : ""}`;
}
