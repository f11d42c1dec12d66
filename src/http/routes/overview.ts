// GET /v1/overview: what queues last reported, from the directory; no queue is woken.

import { overview } from "../../api/endpoints.ts";
import type { ReportedQueue } from "../../core/queue-report.ts";
import { directoryStub } from "../../object/queue-stub.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import { routeOf, type Route } from "../route.ts";

const answer: Route["handle"] = async ({ request, env, grant }) => {
  const { fields, rest } = overview;
  const { limit, order, after, find } = readQuery(request, fields, (query) => rest.parse(query, ""));
  const directory = directoryStub(env);
  if (order === "name") {
    const queues = await directory.overview(after?.name ?? "", limit, grant, find);
    return respondJson({
      queues: queues.map(shown),
      cursor: queues.length < limit ? null : (queues.at(-1)?.name ?? null),
    });
  }
  const { queues, last } = await directory.overviewByTrouble(after, limit, grant, find);
  const cursor = queues.length < limit || last === null ? null : `${last.weight}~${last.name}`;
  return respondJson({ queues: queues.map(shown), cursor });
};

/** Durations are for the metrics. */
function shown({ name, createdAt, report }: ReportedQueue): object {
  if (report === null) return { name, createdAt, report };
  const { durations: _, ...others } = report;
  return { name, createdAt, report: others };
}

export const overviewRoute = routeOf(overview, answer, { isFiltered: true });
