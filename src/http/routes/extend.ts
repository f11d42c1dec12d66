// POST /v1/queues/{queue}/extend: claimed tasks are kept longer. An answer for each claim, in the order of the request.

import { parseExtend } from "../../wire/parse-operation.ts";
import { readJson } from "../read-body.ts";
import { respondResults, withTokens } from "../respond-results.ts";
import type { Route } from "../route.ts";

export const extendRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/extend",
  action: "claim",
  async handle({ request, queue }) {
    const body = await readJson(request, withTokens(parseExtend));
    return respondResults(body.tokens, await queue.operate("extend", body.input));
  },
};
