// GET /v1/queues/{queue}/socket: a WebSocket to the queue's object, for everything that the request's token allows.
// GET /v1/overview/socket: one to the directory, which says when the overview has changed.

import { openSocket, watchOverview } from "../../api/endpoints.ts";
import { directoryStub, type QueueStub } from "../../object/queue-stub.ts";
import { openSocketTo } from "../open-socket.ts";
import { routeOf, type Call } from "../route.ts";
import { socketToken } from "../token-of-request.ts";

export const socketRoute = routeOf(openSocket, async (call) => openSocketTo(() => openedQueue(call), call), {
  orActions: ["enqueue", "browse", "manage"],
  tokenOf: socketToken,
});

async function openedQueue(call: Call): Promise<QueueStub> {
  await call.opened();
  return call.queue;
}

export const overviewSocketRoute = routeOf(
  watchOverview,
  async (call) => openSocketTo(() => directoryStub(call.env), call),
  {
    isFiltered: true,
    tokenOf: socketToken,
  },
);
