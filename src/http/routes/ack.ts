// POST /v1/queues/{queue}/ack: claimed tasks are done. An answer for each claim, in the order of the request.

import { parseAck } from "../../api/parse-operation.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

export const ackRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/ack",
  action: "claim",
  async handle({ request, answer }) {
    return respondText(await answer("ack", await readJson(request, parseAck)));
  },
};
