// PUT, GET, DELETE /v1/queues/{queue} and what is done to a queue as a whole: pause, resume, purge, redrive.

import type { SettingsPatch } from "../../core/settings.ts";
import { parseRedrive, parseSettings } from "../../api/parse-operation.ts";
import { readJson, readNothing } from "../read-body.ts";
import { refuseQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Call, Route } from "../route.ts";

const PATH = "/v1/queues/:queue";

export const getQueueRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle({ request, answer }) {
    refuseQuery(request);
    return respondText(await answer("getQueue", null));
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
  async handle({ request, answer }) {
    await readNothing(request);
    return respondText(await answer("deleteQueue", null));
  },
};

export const purgeRoute: Route = {
  method: "POST",
  path: `${PATH}/purge`,
  action: "manage",
  async handle({ request, answer }) {
    await readNothing(request);
    return respondText(await answer("purge", null));
  },
};

export const redriveRoute: Route = {
  method: "POST",
  path: `${PATH}/redrive`,
  action: "manage",
  async handle({ request, answer }) {
    return respondText(await answer("redrive", await readJson(request, parseRedrive)));
  },
};

async function configured({ answer }: Call, settings: SettingsPatch): Promise<Response> {
  return respondText(await answer("configure", { settings }));
}
