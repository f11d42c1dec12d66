// GET /v1/queues/{queue}/tasks: pages through tasks without claiming them.

import { parseBrowse } from "../../api/parse-task-operation.ts";
import { readQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

export const browseRoute: Route = {
  method: "GET",
  path: "/v1/queues/:queue/tasks",
  action: "browse",
  async handle({ request, answer }) {
    return respondText(await answer("browse", readQuery(request, ["limit"], parseBrowse)));
  },
};
