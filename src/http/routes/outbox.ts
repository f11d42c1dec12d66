// GET /v1/queues/{queue}/outbox: what has not arrived at other queues, and why. POST .../outbox/retry: what was parked goes again.

import { parseListOutbox } from "../../api/parse-document-operation.ts";
import { parseRetryOutbox } from "../../api/parse-modify.ts";
import { readJson } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

const PATH = "/v1/queues/:queue/outbox";

export const outboxRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle({ request, answer }) {
    return respondText(await answer("listOutbox", readQuery(request, ["limit"], parseListOutbox)));
  },
};

export const retryOutboxRoute: Route = {
  method: "POST",
  path: `${PATH}/retry`,
  action: "manage",
  async handle({ request, answer }) {
    return respondText(await answer("retryOutbox", await readJson(request, parseRetryOutbox)));
  },
};
