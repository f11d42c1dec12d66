// GET, PATCH, DELETE /v1/queues/{queue}/tasks/{id}: looks at one task, changes it, cancels it.

import { parsed } from "../../api/invalid.ts";
import { parseTaskChange, taskId } from "../../api/task-fields.ts";
import { valueOf } from "../http-error.ts";
import { readJson, refuseBody } from "../read-body.ts";
import { readQuery, refuseQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Call, Route } from "../route.ts";

const PATH = "/v1/queues/:queue/tasks/:id";

export const getTaskRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle(call) {
    refuseQuery(call.request);
    return respondText(await call.answer("getTask", { id: idOf(call) }));
  },
};

export const changeTaskRoute: Route = {
  method: "PATCH",
  path: PATH,
  action: "manage",
  async handle(call) {
    const { version, change } = await readJson(call.request, parseTaskChange);
    return respondText(await call.answer("changeTask", { id: idOf(call), version, change }));
  },
};

export const cancelTaskRoute: Route = {
  method: "DELETE",
  path: PATH,
  action: "manage",
  async handle(call) {
    await refuseBody(call.request);
    const input = readQuery(call.request, ["version"], (fields) => {
      const version = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
      const force = fields.oneOf("force", ["true", "false"]) === "true";
      fields.end(["version", "force"]);
      return { id: idOf(call), force, ...(version === undefined ? {} : { version }) };
    });
    return respondText(await call.answer("cancelTask", input));
  },
};

function idOf({ params }: Call): string {
  return valueOf(parsed(() => taskId(params["id"], "id")));
}
