// GET /v1/queues/{queue}/socket: a WebSocket to the queue's object, for everything that the request's token allows.

import { openSocket } from "../../api/endpoints.ts";
import { openSocketTo } from "../open-socket.ts";
import { routeOf } from "../route.ts";
import { socketToken } from "../token-of-request.ts";

export const socketRoute = routeOf(openSocket, async (call) => openSocketTo(call.queue, call), {
  orActions: ["enqueue", "browse", "manage"],
  tokenOf: socketToken,
});
