// Opens a WebSocket to an object, for everything that the request's token allows there. Queues and the directory answer alike.

import { SOCKET_GRANT_HEADER } from "../api/grant.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";
import { foreignOrigin } from "./origins.ts";
import type { Call } from "./route.ts";

const PROTOCOL = "sec-websocket-protocol";
/** The subprotocol that is answered with to clients that offer it: browsers, whose token is another one that they offer. */
const SUBPROTOCOL = "edgeq.v1";

interface SocketObject {
  /** Answers with a socket, or with the Problem why there is none as its body. */
  fetch(request: Request): Promise<Response>;
}

/**
 * @param find finds the object, once it is known that a socket may be opened
 * @throws {HttpError} `forbidden` for another site's page; `upgrade-required`; what the object refuses with
 */
export async function openSocketTo(
  find: () => Promise<SocketObject> | SocketObject,
  { request, env, grant }: Call,
): Promise<Response> {
  const foreign = foreignOrigin(request.url, request.headers.get("origin"), env);
  if (foreign !== null) throw foreign;
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket") {
    const detail = "upgrade: this path is a WebSocket's, see docs/socket.md";
    throw new HttpError(problem("upgrade-required", detail), { upgrade: "websocket" });
  }
  const headers = new Headers({ upgrade: "websocket", [SOCKET_GRANT_HEADER]: JSON.stringify(grant) });
  const object = await find();
  const answer = await object.fetch(new Request(request.url, { headers }));
  const { status, webSocket } = answer;
  if (webSocket === null) throw refusalIn(await answer.text());
  return new Response(null, { status, webSocket, headers: offers(request) ? { [PROTOCOL]: SUBPROTOCOL } : {} });
}

/** An object of an earlier version says no more than that it has no room. */
function refusalIn(text: string): HttpError {
  return new HttpError(
    text === "" ? problem("overloaded", "The queue takes no more sockets") : (JSON.parse(text) as Problem),
  );
}

function offers(request: Request): boolean {
  const offered = request.headers.get(PROTOCOL)?.split(",") ?? [];
  return offered.some((name) => name.trim() === SUBPROTOCOL);
}
