// GET /v1/queues/{queue}/socket: a WebSocket to the queue's object, for everything that the request's token allows.

import type { Action } from "../../core/action.ts";
import { SOCKET_ACTIONS_HEADER } from "../../object/queue-stub.ts";
import { problem } from "../../protocol/problem.ts";
import { authorize } from "../authorize.ts";
import { HttpError, refused } from "../http-error.ts";
import type { Call, Route } from "../route.ts";

/** What may be done over a queue's socket. */
const SOCKET_ACTIONS: readonly Action[] = ["enqueue", "claim", "browse", "manage"];

export const socketRoute: Route = {
  method: "GET",
  path: "/v1/queues/:queue/socket",
  // Any one of the socket's actions will do, so the route asks for itself.
  action: null,
  async handle(call) {
    const { request, queue } = call;
    const actions = await allowedActions(call);
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      const detail = "upgrade: this path is a WebSocket's, see docs/socket.md";
      throw new HttpError(problem("upgrade-required", detail), { upgrade: "websocket" });
    }
    const headers = new Headers(request.headers);
    headers.set(SOCKET_ACTIONS_HEADER, actions.join(","));
    const response = await queue.fetch(new Request(request, { headers }));
    if (response.webSocket === null) throw refused({ kind: "overloaded", reason: "The queue has too many sockets" });
    return response;
  },
};

/** The actions that the request's token allows; if it allows none, the error says why. */
async function allowedActions({ request, env, queueName }: Call): Promise<Action[]> {
  const results = await Promise.allSettled(SOCKET_ACTIONS.map((action) => authorize(request, env, action, queueName)));
  const allowed = SOCKET_ACTIONS.filter((_, index) => results[index]?.status === "fulfilled");
  if (allowed.length > 0) return allowed;
  throw results.flatMap((result): unknown[] => (result.status === "rejected" ? [result.reason] : []))[0];
}
