// GET /v1/openapi.json: the contract, for programs. Open to all: it is the same for everybody, and names no queue.

import { describe } from "../../api/endpoints.ts";
import { openApi } from "../../api/openapi.ts";
import { respondText } from "../respond.ts";
import { routeOf } from "../route.ts";

let written: string | undefined;

export const openApiRoute = routeOf(describe, () => respondText((written ??= JSON.stringify(openApi()))));
