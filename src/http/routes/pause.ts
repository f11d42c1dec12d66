// POST /v1/queues/{queue}/pause and /resume: a setting that people reach for in a hurry.

import { pause, resume } from "../../api/endpoints.ts";
import { readJson } from "../read-body.ts";
import { respondHeld } from "../respond-held.ts";
import { routeOf, type Call } from "../route.ts";

export const pauseRoute = routeOf(pause, (call) => configured(call, true));
export const resumeRoute = routeOf(resume, (call) => configured(call, false));

async function configured(call: Call, paused: boolean): Promise<Response> {
  await readJson(call, (body) => pause.rest.parse(body, ""));
  return respondHeld(await call.answer("configure", { settings: { paused } }), call.ctx);
}
