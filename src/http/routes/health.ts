// GET /v1/health: the Worker answers, and tells its clock. Open to all, and touches no queue.

import { respondJson } from "../respond.ts";
import type { Route } from "../route.ts";

export const healthRoute: Route = {
  method: "GET",
  path: "/v1/health",
  action: null,
  handle: () => respondJson({ status: "ok", now: Date.now() }),
};
