// GET /v1/queues/{queue}/tasks: pages through tasks without claiming them.

import { LANE_NAME, LIMITS } from "../../core/limits.ts";
import type { BrowseInput } from "../../core/operation.ts";
import { renderTasks } from "../../wire/render.ts";
import { answered } from "../http-error.ts";
import { readQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

const DEFAULT_PAGE = 100;

export const browseRoute: Route = {
  method: "GET",
  path: "/v1/queues/:queue/tasks",
  action: "browse",
  async handle({ request, queue }) {
    const input = readQuery(request, ["limit"], (fields): BrowseInput => {
      const state = fields.oneOf("state", ["ready", "delayed", "claimed", "dead"]);
      const lane = fields.matching("lane", LANE_NAME);
      const limit = fields.integer("limit", { min: 1, max: LIMITS.pageTasks }) ?? DEFAULT_PAGE;
      const cursor = fields.matching("cursor", /^[0-9a-z]{1,11}$/, "a cursor, as the page before answered it");
      fields.end(["state", "lane", "limit", "cursor"]);
      return {
        limit,
        after: cursor === undefined ? 0 : Number.parseInt(cursor, 36),
        ...(state === undefined ? {} : { state }),
        ...(lane === undefined ? {} : { lane }),
      };
    });
    const { tasks, after } = answered(await queue.operate("browse", input));
    return respondText(renderTasks(tasks, { cursor: after === null ? null : after.toString(36) }));
  },
};
