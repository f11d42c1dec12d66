// From a request to its route: who may, which queue, then the route's own work. Every error leaves as a problem document.

import { Router, type IRequest } from "itty-router";
import { QUEUE_NAME } from "../core/limits.ts";
import { queueStub } from "../object/queue-stub.ts";
import { problem } from "../protocol/problem.ts";
import { matching } from "../wire/fields.ts";
import { Invalid, parsed, shownText } from "../wire/invalid.ts";
import { authenticate, authorize } from "./authorize.ts";
import { withCors } from "./cors.ts";
import { allows, EVERYTHING } from "../wire/grant.ts";
import { HttpError, valueOf } from "./http-error.ts";
import { respondError } from "./respond.ts";
import type { Env, Route } from "./route.ts";
import { ROUTES } from "./route-table.ts";
import { bearerToken } from "./token-of-request.ts";

type Context = [env: Env, ctx: ExecutionContext];

/** itty-router takes any method's name for a function of its own. */
type Register = (
  path: string,
  handle: (request: IRequest & Request, ...context: Context) => Promise<Response> | Response,
) => unknown;

/** Serves a table of routes. Never throws. */
export function routerOf(routes: readonly Route[]): (request: Request, ...context: Context) => Promise<Response> {
  const router = Router<IRequest & Request, Context>({ catch: respondFailure });
  for (const route of routes) {
    const register = router[route.method.toLowerCase()] as Register;
    register(route.path, (request, env, ctx) => serve(route, request, env, ctx));
  }
  for (const path of new Set(routes.map((route) => route.path))) {
    const allow = routes.filter((route) => route.path === path).map((route) => route.method);
    router.all(path, async (request, env) => {
      await authenticate(request, env, bearerToken);
      throw notAllowed(request.method, allow);
    });
  }
  router.all("*", async (request, env) => {
    await authenticate(request, env, bearerToken);
    const path = shownText(new URL(request.url).pathname);
    throw new HttpError(problem("not-found", `${path} is not a path of this API`));
  });
  return (request, env, ctx) => router.fetch(request, env, ctx) as Promise<Response>;
}

export const fetchRoute = withCors(routerOf(ROUTES));

async function serve(route: Route, request: IRequest & Request, env: Env, ctx: ExecutionContext): Promise<Response> {
  const { action, orActions = [], tokenOf = bearerToken } = route;
  const grant = action === null ? EVERYTHING : await authenticate(request, env, tokenOf);
  const params = valueOf(parsed(() => decodedParams(request.params)));
  const queueName = params["queue"] ?? "";
  const isAllowed = orActions.some((other) => allows(grant, other, queueName));
  if (action !== null && !isAllowed) authorize(grant, action, queueName);
  return route.handle({
    request,
    env,
    ctx,
    grant,
    params,
    queueName,
    // Looked up only by routes that name a queue.
    get queue() {
      return queueStub(env, queueName);
    },
  });
}

function decodedParams(params: Readonly<Record<string, string>>): Record<string, string> {
  const decoded = Object.fromEntries(Object.entries(params).map(([name, value]) => [name, decodedParam(name, value)]));
  if (decoded["queue"] !== undefined) matching(decoded["queue"], "queue", QUEUE_NAME);
  return decoded;
}

function decodedParam(name: string, value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new Invalid(name, value, "percent-encoded UTF-8");
  }
}

function notAllowed(method: string, allow: readonly string[]): HttpError {
  const allowed = allow.join(", ");
  const detail = `method: given ${method}, allowed: ${allowed}`;
  const members = { field: "method", given: method, allowed };
  return new HttpError(problem("method-not-allowed", detail, members), { allow: allowed });
}

/** What is not an error of the request is one of the server: logged in full, told in short. */
function respondFailure(error: unknown): Response {
  if (error instanceof HttpError) return respondError(error);
  if (isOverloaded(error)) {
    return respondError(new HttpError(problem("overloaded", "The queue's object has too much to do")));
  }
  console.error("edgeq: a request failed:", error);
  return respondError(new HttpError(problem("internal", "The request failed; whether it took effect is not known")));
}

/** The platform marks the errors of calls to an object that it turned away. */
function isOverloaded(error: unknown): boolean {
  return typeof error === "object" && error !== null && "overloaded" in error && error.overloaded === true;
}
