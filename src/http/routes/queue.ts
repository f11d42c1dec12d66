// PUT, GET, DELETE /v1/queues/{queue} and what is done to a queue as a whole: pause, resume, purge, redrive.

import type { SettingsPatch } from "../../core/settings.ts";
import { parseRedrive, parseSettings } from "../../wire/parse-operation.ts";
import { answered } from "../http-error.ts";
import { readJson, readNothing } from "../read-body.ts";
import { refuseQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import type { Call, Route } from "../route.ts";

const PATH = "/v1/queues/:queue";

export const getQueueRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle({ request, queue }) {
    refuseQuery(request);
    return respondJson(answered(await queue.operate("getQueue", null)).queue);
  },
};

export const putQueueRoute: Route = {
  method: "PUT",
  path: PATH,
  action: "manage",
  async handle(call) {
    return configured(call, await readJson(call.request, parseSettings));
  },
};

export const pauseRoute: Route = {
  method: "POST",
  path: `${PATH}/pause`,
  action: "manage",
  async handle(call) {
    await readNothing(call.request);
    return configured(call, { paused: true });
  },
};

export const resumeRoute: Route = {
  method: "POST",
  path: `${PATH}/resume`,
  action: "manage",
  async handle(call) {
    await readNothing(call.request);
    return configured(call, { paused: false });
  },
};

export const deleteQueueRoute: Route = {
  method: "DELETE",
  path: PATH,
  action: "manage",
  async handle({ request, queue }) {
    await readNothing(request);
    return respondJson({ tasks: answered(await queue.operate("deleteQueue", null)).tasks });
  },
};

export const purgeRoute: Route = {
  method: "POST",
  path: `${PATH}/purge`,
  action: "manage",
  async handle({ request, queue }) {
    await readNothing(request);
    return respondJson({ tasks: answered(await queue.operate("purge", null)).tasks });
  },
};

export const redriveRoute: Route = {
  method: "POST",
  path: `${PATH}/redrive`,
  action: "manage",
  async handle({ request, queue }) {
    const { tasks, notFound, more } = answered(await queue.operate("redrive", await readJson(request, parseRedrive)));
    return respondJson({ tasks, notFound, more });
  },
};

async function configured({ queue }: Call, settings: SettingsPatch): Promise<Response> {
  return respondJson(answered(await queue.operate("configure", { settings })).queue);
}
