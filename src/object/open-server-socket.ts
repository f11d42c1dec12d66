// A socket to an object, from the request that asks for one to the answer that opens it; and how it ends from this side.

import { SOCKET_GRANT_HEADER, type Grant } from "../api/grant.ts";
import type { Problem } from "../protocol/problem.ts";

/** Why a socket is closed from this side: docs/socket.md has them all. */
export const CLOSE = {
  binary: { code: 1003, reason: "binary frame" },
  malformed: { code: 1007, reason: "malformed frame" },
  tooLarge: { code: 1009, reason: "frame too large" },
  expired: { code: 4401, reason: "token expired" },
  unread: { code: 4408, reason: "sync messages unanswered" },
} as const;
export type Close = (typeof CLOSE)[keyof typeof CLOSE];

interface SocketHost<Attachment> {
  /** Why no other may be opened with this grant; null: it may. */
  refusal(grant: Grant): Problem | null;
  /** What outlives the object's sleep. */
  attachment(grant: Grant): Attachment;
  add(socket: WebSocket, attachment: Attachment): void;
}

/** Answers a WebSocket's upgrade, with SOCKET_GRANT_HEADER: the socket, or the Problem why there is none as its body. */
export function openServerSocket<Attachment>(
  ctx: DurableObjectState,
  request: Request,
  host: SocketHost<Attachment>,
): Response {
  const grant = JSON.parse(request.headers.get(SOCKET_GRANT_HEADER) ?? "null") as Grant;
  const refusal = host.refusal(grant);
  if (refusal !== null) return Response.json(refusal, { status: refusal.status });
  const { 0: client, 1: server } = new WebSocketPair();
  const attachment = host.attachment(grant);
  // Answered by the platform, asleep or awake.
  ctx.setWebSocketAutoResponse(new WebSocketRequestResponsePair("ping", "pong"));
  ctx.acceptWebSocket(server);
  server.serializeAttachment(attachment);
  host.add(server, attachment);
  return new Response(null, { status: 101, webSocket: client });
}
