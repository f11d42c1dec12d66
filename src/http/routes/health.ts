// GET /v1/health: open to all, and touches no queue.

import { health } from "../../api/endpoints.ts";
import { respondJson } from "../respond.ts";
import { routeOf } from "../route.ts";

export const healthRoute = routeOf(health, () => respondJson({ status: "ok", now: Date.now() }));
