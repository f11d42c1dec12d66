// What the directory knows, so that no queue is woken: GET /v1/queues, which there are, and GET /v1/overview, what each last reported.

import { listQueues, overview } from "../../api/endpoints.ts";
import type { ReportedQueue } from "../../core/queue-report.ts";
import { directoryStub, overviewByName } from "../../object/queue-stub.ts";
import { readQuery } from "../read-query.ts";
import { respondHeldJson } from "../respond-held.ts";
import { routeOf, type Route } from "../route.ts";

export const queuesRoute = routeOf(listQueues, async ({ url, env, ctx }) => {
  const { fields, rest } = listQueues;
  const { limit, cursor = "" } = readQuery(url, fields, (query) => rest.parse(query, ""));
  const queues = await directoryStub(env).list(cursor, limit);
  return respondHeldJson({ queues, cursor: queues.length < limit ? null : (queues.at(-1)?.name ?? null) }, ctx);
});

const answer: Route["handle"] = async ({ url, env, ctx, grant }) => {
  const { fields, rest } = overview;
  const { limit, order, after, find } = readQuery(url, fields, (query) => rest.parse(query, ""));
  const isByName = order === "name";
  const { queues, lookedAt, last } = isByName
    ? await overviewByName(env, after?.name ?? "", limit, grant, find)
    : await directoryStub(env).overviewByTrouble(after, limit, grant, find);
  const cursor = last === null ? null : isByName ? last.name : `${last.weight}~${last.name}`;
  return respondHeldJson({ queues: queues.map(shown), lookedAt, cursor }, ctx);
};

/** Durations are for the metrics. */
function shown({ name, createdAt, report }: ReportedQueue): object {
  if (report === null) return { name, createdAt, report };
  const { durations: _, ...others } = report;
  return { name, createdAt, report: others };
}

export const overviewRoute = routeOf(overview, answer, { isFiltered: true });
