// GET /v1/overview/socket: a WebSocket to the directory, which says when the overview has changed.

import { watchOverview } from "../../api/endpoints.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { openSocketTo } from "../open-socket.ts";
import { routeOf } from "../route.ts";
import { socketToken } from "../token-of-request.ts";

export const overviewSocketRoute = routeOf(watchOverview, async (call) => openSocketTo(directoryStub(call.env), call), {
  isFiltered: true,
  tokenOf: socketToken,
});
