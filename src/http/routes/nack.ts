// POST /v1/queues/{queue}/nack: claimed tasks are given back, or failed. An answer for each claim, in the order of the request.

import { parseNack } from "../../api/parse-operation.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

export const nackRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/nack",
  action: "claim",
  async handle({ request, answer }) {
    return respondText(await answer("nack", await readJson(request, parseNack)));
  },
};
