// From a request to its route: who may, which queue, then the route's own work. Every error leaves as a problem document.

import { problem } from "../protocol/problem.ts";
import { failureProblem } from "../api/failure-problem.ts";
import { shownText } from "../api/invalid.ts";
import { ADMISSION } from "./admission.ts";
import { EVERYBODY } from "./asker.ts";
import { authenticate, authorize } from "./authorize.ts";
import { withCors } from "./cors.ts";
import { withDashboard } from "./dashboard-page.ts";
import { allows } from "../api/grant.ts";
import { HttpError, valueOf } from "./http-error.ts";
import { matcherOf, type Match } from "./match-route.ts";
import { pathOf } from "./path-of.ts";
import { respondError } from "./respond.ts";
import { respondWhileReading } from "./respond-while-reading.ts";
import type { Env, Fetch, Route } from "./route.ts";
import { ROUTES } from "./route-table.ts";
import { RequestCall } from "./request-call.ts";
import { RequestLog } from "./request-log.ts";
import { requestToken } from "./token-of-request.ts";

/** Serves a table of routes. Never throws. */
export function routerOf(routes: readonly Route[]): Fetch {
  const matchOf = matcherOf(routes);
  return async (request, env, ctx, url = request.url) => {
    const log = RequestLog.of(env.EDGEQ_LOG);
    let response: Response;
    try {
      const match = await matchOf(request.method, url);
      response = await (match.kind === "route"
        ? serve(match, request, env, ctx, log)
        : refuse(match, request, env, log));
    } catch (error) {
      response = await respondWhileReading(respondFailure(error, log), request, ctx);
    }
    log?.write(response, request.method);
    return response;
  };
}

export const fetchRoute = withCors(withDashboard(routerOf(ROUTES)));

/** Not async, as is what stands before it: a request passes through many functions, and each async one costs it promises. */
function serve(
  { route, params: found }: Extract<Match, { kind: "route" }>,
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  log: RequestLog | null,
): Promise<Response> {
  // Whoever watches over the server is always answered.
  if (route.action === null) return handle(route, found, request, env, ctx, log, () => {});
  const queueName = found.kind === "parsed" ? (found.value["queue"] ?? "") : "";
  const leave = ADMISSION.enter(queueName);
  const answer = handle(route, found, request, env, ctx, log, leave);
  // To its end, also when the client goes meanwhile: what was counted would stay counted.
  ctx.waitUntil(answer.then(leave, leave));
  return answer;
}

async function handle(
  route: Route,
  found: Extract<Match, { kind: "route" }>["params"],
  request: Request,
  env: Env,
  ctx: ExecutionContext,
  log: RequestLog | null,
  waits: () => void,
): Promise<Response> {
  const { action, isFiltered = false, orActions = [], tokenOf = requestToken } = route;
  const asker = action === null ? EVERYBODY : await authenticate(request, env, tokenOf);
  const { grant } = asker;
  log?.note({ operation: route.name ?? null, subject: grant.subject ?? null });
  const params = valueOf(found);
  const queueName = params["queue"] ?? "";
  if (queueName !== "") log?.note({ queue: queueName });
  const isAllowed = orActions.some((other) => allows(grant, other, queueName));
  const isForSome = isFiltered && action !== null && grant.can.includes(action);
  if (action !== null && !isAllowed && !isForSome) authorize(grant, action, queueName);
  return route.handle(new RequestCall({ request, env, ctx, waits, params, queueName }, asker, log));
}

/** What is not there is told to those only who may know what is. */
async function refuse(
  match: Exclude<Match, { kind: "route" }>,
  request: Request,
  env: Env,
  log: RequestLog | null,
): Promise<never> {
  const { grant } = await authenticate(request, env, requestToken);
  log?.note({ subject: grant.subject ?? null });
  if (match.kind === "other-methods") throw notAllowed(request.method, match.allow);
  const path = shownText(pathOf(request.url));
  throw new HttpError(problem("not-found", `${path} is not a path of this API`));
}

function notAllowed(method: string, allow: readonly string[]): HttpError {
  const allowed = allow.join(", ");
  const detail = `method: given ${method}, allowed: ${allowed}`;
  const members = { field: "method", given: method, allowed };
  return new HttpError(problem("method-not-allowed", detail, members), { allow: allowed });
}

/** What is not an error of the request is one of the server: logged in full, told in short. */
function respondFailure(error: unknown, log: RequestLog | null): Response {
  if (error instanceof HttpError) return noted(error, log);
  const known = failureProblem(error);
  if (known !== null) return noted(new HttpError(known), log);
  console.error("edgeq: a request failed:", error);
  return noted(new HttpError(problem("internal", "The request failed; whether it took effect is not known")), log);
}

function noted(error: HttpError, log: RequestLog | null): Response {
  log?.note({ code: error.problem.code });
  return respondError(error);
}
