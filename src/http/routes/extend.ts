// POST /v1/queues/{queue}/extend: claimed tasks are kept longer. An answer for each claim, in the order of the request.

import { parseExtend } from "../../api/parse-operation.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

export const extendRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/extend",
  action: "claim",
  async handle({ request, answer }) {
    return respondText(await answer("extend", await readJson(request, parseExtend)));
  },
};
