// GET /v1/overview: what queues last reported, from the directory; no queue is woken.

import { overview } from "../../api/endpoints.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import { routeOf, type Route } from "../route.ts";

const answer: Route["handle"] = async ({ request, env, grant }) => {
  const { fields, rest } = overview;
  const { limit, cursor = "" } = readQuery(request, fields, (query) => rest.parse(query, ""));
  const queues = await directoryStub(env).overview(cursor, limit, grant);
  return respondJson({ queues, cursor: queues.length < limit ? null : (queues.at(-1)?.name ?? null) });
};

export const overviewRoute = routeOf(overview, answer, { isFiltered: true });
