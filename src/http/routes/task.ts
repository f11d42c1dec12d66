// GET, PATCH, DELETE /v1/queues/{queue}/tasks/{id}: looks at one task, changes it, cancels it.

import { parsed } from "../../wire/invalid.ts";
import { renderTask } from "../../wire/render.ts";
import { parseTaskChange } from "../../wire/task-fields.ts";
import { text } from "../../wire/fields.ts";
import { LIMITS } from "../../core/limits.ts";
import { answered } from "../http-error.ts";
import { readJson, valueOf } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondJson, respondText } from "../respond.ts";
import type { Call, Route } from "../route.ts";

const PATH = "/v1/queues/:queue/tasks/:id";

export const getTaskRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle(call) {
    const { task } = answered(await call.queue.operate("getTask", { id: taskId(call) }));
    return respondText(renderTask(task));
  },
};

export const changeTaskRoute: Route = {
  method: "PATCH",
  path: PATH,
  action: "manage",
  async handle(call) {
    const { version, change } = await readJson(call.request, parseTaskChange);
    const { task } = answered(await call.queue.operate("changeTask", { id: taskId(call), version, change }));
    return respondText(renderTask(task));
  },
};

export const cancelTaskRoute: Route = {
  method: "DELETE",
  path: PATH,
  action: "manage",
  async handle(call) {
    const input = readQuery(call.request, ["version"], (fields) => {
      const version = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
      const force = fields.matching("force", /^(true|false)$/) === "true";
      fields.end(["version", "force"]);
      return { id: taskId(call), force, ...(version === undefined ? {} : { version }) };
    });
    const { id } = answered(await call.queue.operate("cancelTask", input));
    return respondJson({ id });
  },
};

function taskId({ params }: Call): string {
  return valueOf(parsed(() => text(params["id"], "id", LIMITS.taskIdLength)));
}
