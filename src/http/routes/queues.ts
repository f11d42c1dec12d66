// GET /v1/queues: the queues that exist, in the order of their names.

import { LIMITS, QUEUE_NAME } from "../../core/limits.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import type { Route } from "../route.ts";

const DEFAULT_PAGE = 100;

export const queuesRoute: Route = {
  method: "GET",
  path: "/v1/queues",
  action: "admin",
  async handle({ request, env }) {
    const { limit, after } = readQuery(request, ["limit"], (fields) => {
      const page = fields.integer("limit", { min: 1, max: LIMITS.pageQueues }) ?? DEFAULT_PAGE;
      const cursor = fields.matching("cursor", QUEUE_NAME, "a cursor, as the page before answered it") ?? "";
      fields.end(["limit", "cursor"]);
      return { limit: page, after: cursor };
    });
    const queues = await directoryStub(env).list(after, limit);
    return respondJson({ queues, cursor: queues.length < limit ? null : (queues.at(-1)?.name ?? null) });
  },
};
