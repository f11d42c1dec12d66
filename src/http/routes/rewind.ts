// POST /v1/queues/{queue}/rewind puts a queue back to an earlier moment, and then notifies it; /reincarnate only notifies it.

import { rewind } from "../../api/endpoints.ts";
import { LIMITS } from "../../core/limits.ts";
import type { InputOf } from "../../core/operation.ts";
import { directoryStub, PUT_BACK, type NotPutBack } from "../../object/queue-stub.ts";
import { problem } from "../../protocol/problem.ts";
import { HttpError, invalid, refused } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import { routeOf, type Call } from "../route.ts";
import { operationRoute, readInput } from "./operation.ts";

const NOT_SUPPORTED =
  "This server keeps no record of earlier moments, as Cloudflare does: stop it, put back a copy of its state, start it, and begin a new incarnation";

export const rewindRoute = routeOf(rewind, async (call) => {
  const { to } = await readJson(call, (body) => rewind.rest.parse(body, ""));
  const now = Date.now();
  const from = now - LIMITS.rewindMs;
  if (to < from || to > now) throw invalid({ field: "to", given: to, allowed: `an instant from ${from} to ${now}` });
  await call.opened();
  const putBack = await begins(call);
  const refusal = await whetherPutBack(call, to);
  if (refusal === null) return respondText(await call.answer("reincarnate", putBack));
  await directoryStub(call.env).notRewound(call.queueName);
  throw refusal.kind === "no-record" ? new HttpError(problem("not-supported", NOT_SUPPORTED)) : refused(refusal);
});

export const reincarnateRoute = operationRoute("reincarnate", async (call, operation) => {
  await readInput(call, operation);
  return begins(call);
});

/** What the queue is notified of. If this Worker ends before that, the directory does it. */
async function begins({ env, queueName }: Call): Promise<InputOf<"reincarnate">> {
  // A directory of an earlier version does not count.
  const times = (await directoryStub(env).rewinding(queueName)) as number | undefined;
  return times === undefined ? null : { times };
}

/** null: it was put back, and its object has ended. */
async function whetherPutBack({ queue }: Call, to: number): Promise<NotPutBack | null> {
  try {
    return await queue.rewind(to);
  } catch (error) {
    if (String(error).includes(PUT_BACK)) return null;
    throw error;
  }
}
