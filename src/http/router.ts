// From a request to its route: who may, which queue, then the route's own work. Every error leaves as a problem document.

import { problem } from "../protocol/problem.ts";
import { shownText } from "../api/invalid.ts";
import { ADMISSION, overloadError, type Leave, type Overloaded } from "./admission.ts";
import { EVERYBODY, type Asker } from "./asker.ts";
import { authenticate, authorize } from "./authorize.ts";
import { withCors } from "./cors.ts";
import { withDashboard } from "./dashboard-page.ts";
import { allows, type Grant } from "../api/grant.ts";
import { HttpError, valueOf } from "./http-error.ts";
import { matcherOf, type Match } from "./match-route.ts";
import { pathOf } from "./path-of.ts";
import { declaredBytes } from "./read-body.ts";
import { respondError } from "./respond.ts";
import { respondFailure } from "./respond-failure.ts";
import { respondWhileReading } from "./respond-while-reading.ts";
import type { Env, Fetch, Route } from "./route.ts";
import { ROUTES } from "./route-table.ts";
import { RequestCall } from "./request-call.ts";
import { RequestLog } from "./request-log.ts";
import { requestToken } from "./token-of-request.ts";

/**
 * A body that comes in the same buffer as its head, where the platform passes over it. Were it not there yet, the platform would
 * answer all the same, and end the connection.
 */
const TINY_BYTES = 1_024;

/** Serves a table of routes. Never throws. */
export function routerOf(routes: readonly Route[]): Fetch {
  const matchOf = matcherOf(routes);
  return (request, env, ctx, url = request.url) => {
    const found = matchOf(request.method, url);
    // An address that is not known yet is looked up first.
    const entry = found instanceof Promise ? null : enter(found);
    const refused = entry === null ? null : refusedAtOnce(entry, request, env);
    if (refused !== null) return Promise.resolve(refused);
    const answer = respond(found, entry, request, env, ctx, url);
    // To its end, also when the client goes meanwhile: what was counted would stay counted.
    ctx.waitUntil(answer);
    return answer;
  };
}

export const fetchRoute = withCors(withDashboard(routerOf(ROUTES)));

/** Never rejected. One function, in which nothing is awaited that is there at once: each async one costs a request promises. */
async function respond(
  found: Promise<Match> | Match,
  entry: Leave | Overloaded | null,
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  url: string,
): Promise<Response> {
  const log = RequestLog.of(env.EDGEQ_LOG);
  let leave: Leave = notCounted;
  let response: Response;
  try {
    const match = found instanceof Promise ? await found : found;
    leave = letIn(entry ?? enter(match));
    const asked = ask(match, request, env);
    const asker = asked instanceof Promise ? await asked : asked;
    log?.note({ subject: asker.grant.subject ?? null });
    if (match.kind !== "route") throw refusal(match, request);
    const { route, params: given } = match;
    log?.note({ operation: route.name ?? null });
    const params = valueOf(given);
    const queueName = params["queue"] ?? "";
    if (queueName !== "") log?.note({ queue: queueName });
    authorizeRoute(route, asker.grant, queueName);
    response = await route.handle(
      new RequestCall({ request, url, env, ctx, waits: leave, params, queueName }, asker, log),
    );
  } catch (error) {
    leave();
    response = await respondWhileReading(respondFailure(error, log), request, ctx);
  }
  leave();
  log?.write(response, request.method);
  return response;
}

function enter(match: Match): Leave | Overloaded {
  return isCounted(match) ? ADMISSION.enter(queueOf(match), match.route.name) : notCounted;
}

/**
 * Answers a request that there is no room for, without an error and with nothing awaited: it takes two thirds of the time, and with
 * thousands of callers most of the server's time is refusals. null: it is let in, or refused like all others
 */
function refusedAtOnce(entry: Leave | Overloaded, request: Request, env: Env): Response | null {
  if (typeof entry === "function") return null;
  const isTiny = (declaredBytes(request.headers) ?? Infinity) <= TINY_BYTES;
  return isTiny && RequestLog.of(env.EDGEQ_LOG) === null ? respondError(entry) : null;
}

/** Throws HttpError. */
function letIn(entry: Leave | Overloaded): Leave {
  if (typeof entry === "function") return entry;
  throw overloadError(entry);
}

type RouteMatch = Extract<Match, { readonly kind: "route" }>;

/** Whoever watches over the server is always answered. */
function isCounted(match: Match): match is RouteMatch {
  return match.kind === "route" && match.route.action !== null;
}

function queueOf({ params }: RouteMatch): string {
  return params.kind === "parsed" ? (params.value["queue"] ?? "") : "";
}

/** The end of a request that is not counted among those under way. */
function notCounted(): void {}

function ask(match: Match, request: Request, env: Env): Promise<Asker> | Asker {
  if (match.kind !== "route") return authenticate(request, env, requestToken);
  const { action, tokenOf = requestToken } = match.route;
  return action === null ? EVERYBODY : authenticate(request, env, tokenOf);
}

function authorizeRoute({ action, isFiltered = false, orActions = [] }: Route, grant: Grant, queueName: string): void {
  const isAllowed = orActions.some((other) => allows(grant, other, queueName));
  const isForSome = isFiltered && action !== null && grant.can.includes(action);
  if (action !== null && !isAllowed && !isForSome) authorize(grant, action, queueName);
}

/** Only those who may know which queues exist are answered that one does not. */
function refusal(match: Exclude<Match, { kind: "route" }>, request: Request): HttpError {
  if (match.kind === "other-methods") return notAllowed(request.method, match.allow);
  const path = shownText(pathOf(request.url));
  return new HttpError(problem("not-found", `${path} is not a path of this API`));
}

function notAllowed(method: string, allow: readonly string[]): HttpError {
  const allowed = allow.join(", ");
  const detail = `method: given ${method}, allowed: ${allowed}`;
  const members = { field: "method", given: method, allowed };
  return new HttpError(problem("method-not-allowed", detail, members), { allow: allowed });
}
