// GET /v1/queues: asks the directory, not a queue.

import { listQueues } from "../../api/endpoints.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import { routeOf } from "../route.ts";

export const queuesRoute = routeOf(listQueues, async ({ url, env }) => {
  const { fields, rest } = listQueues;
  const { limit, cursor = "" } = readQuery(url, fields, (query) => rest.parse(query, ""));
  const queues = await directoryStub(env).list(cursor, limit);
  return respondJson({ queues, cursor: queues.length < limit ? null : (queues.at(-1)?.name ?? null) });
});
