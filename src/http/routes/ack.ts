// POST /v1/queues/{queue}/ack: claimed tasks are done. An answer for each claim, in the order of the request.

import { parseAck } from "../../wire/parse-operation.ts";
import { readJson } from "../read-body.ts";
import { respondResults, withTokens } from "../respond-results.ts";
import type { Route } from "../route.ts";

export const ackRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/ack",
  action: "claim",
  async handle({ request, queue }) {
    const body = await readJson(request, withTokens(parseAck));
    return respondResults(body.tokens, await queue.operate("ack", body.input));
  },
};
