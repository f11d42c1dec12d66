// POST /v1/queues/{queue}/rewind: puts a queue back to an earlier moment, and then tells it so.

import { rewind } from "../../api/endpoints.ts";
import { LIMITS } from "../../core/limits.ts";
import { directoryStub, PUT_BACK, type NotPutBack } from "../../object/queue-stub.ts";
import { problem } from "../../protocol/problem.ts";
import { HttpError, invalid, refused } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { respondText } from "../respond.ts";
import { routeOf, type Call } from "../route.ts";

const NOT_SUPPORTED =
  "This server keeps no record of earlier moments, as Cloudflare does: stop it, put back a copy of its state, start it, and begin a new incarnation";

export const rewindRoute = routeOf(rewind, async (call) => {
  const { to } = await readJson(call.request, (body) => rewind.rest.parse(body, ""));
  const now = Date.now();
  const from = now - LIMITS.rewindMs;
  if (to < from || to > now) throw invalid({ field: "to", given: to, allowed: `an instant from ${from} to ${now}` });
  const directory = directoryStub(call.env);
  // Should this Worker end in between, the directory tells the queue.
  await directory.rewinding(call.queueName);
  const refusal = await whetherPutBack(call, to);
  if (refusal === null) return respondText(await call.answer("reincarnate", null));
  await directory.notRewound(call.queueName);
  throw refusal.kind === "no-record" ? new HttpError(problem("not-supported", NOT_SUPPORTED)) : refused(refusal);
});

/** null: it was put back, and its object has ended. */
async function whetherPutBack({ queue }: Call, to: number): Promise<NotPutBack | null> {
  try {
    return await queue.rewind(to);
  } catch (error) {
    if (String(error).includes(PUT_BACK)) return null;
    throw error;
  }
}
