// POST /v1/queues/{queue}/modify: inserts, changes, deletes and dependencies in one commit.

import { modifyDemands } from "../../api/operation-table.ts";
import { parseModify } from "../../api/parse-modify.ts";
import { authorize } from "../authorize.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

export const modifyRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/modify",
  action: "claim",
  async handle({ request, grant, queueName, answer }) {
    const input = await readJson(request, parseModify);
    for (const demand of modifyDemands(input, queueName)) authorize(grant, demand.action, demand.queue);
    return respondText(await answer("modify", input));
  },
};
