// GET /v1/queues/{queue}/socket: a WebSocket to the queue's object, for everything that the request's token allows.

import { openSocket } from "../../api/endpoints.ts";
import { SOCKET_GRANT_HEADER } from "../../object/queue-stub.ts";
import { problem, type Problem } from "../../protocol/problem.ts";
import { HttpError } from "../http-error.ts";
import { foreignOrigin } from "../origins.ts";
import { routeOf } from "../route.ts";
import { socketToken } from "../token-of-request.ts";

/** The subprotocol that is answered with to clients that offer it: browsers, whose token is another one that they offer. */
const SUBPROTOCOL = "edgeq.v1";

export const socketRoute = routeOf(
  openSocket,
  async ({ request, env, queue, grant }) => {
    const foreign = foreignOrigin(request.url, request.headers.get("origin"), env);
    if (foreign !== null) throw foreign;
    if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
      const detail = "upgrade: this path is a WebSocket's, see docs/socket.md";
      throw new HttpError(problem("upgrade-required", detail), { upgrade: "websocket" });
    }
    const headers = new Headers({ upgrade: "websocket", [SOCKET_GRANT_HEADER]: JSON.stringify(grant) });
    const answer = await queue.fetch(new Request(request.url, { headers }));
    const { status, webSocket } = answer;
    if (webSocket === null) throw refusalIn(await answer.text());
    return new Response(null, { status, webSocket, headers: offers(request) ? { [PROTOCOL]: SUBPROTOCOL } : {} });
  },
  { orActions: ["enqueue", "browse", "manage"], tokenOf: socketToken },
);

/** An object of an earlier version says no more than that it has no room. */
function refusalIn(text: string): HttpError {
  return new HttpError(
    text === "" ? problem("overloaded", "The queue takes no more sockets") : (JSON.parse(text) as Problem),
  );
}

const PROTOCOL = "sec-websocket-protocol";

function offers(request: Request): boolean {
  const offered = request.headers.get(PROTOCOL)?.split(",") ?? [];
  return offered.some((name) => name.trim() === SUBPROTOCOL);
}
