// GET /v1/queues/{queue}/outbox: what has not arrived at other queues, and why. POST .../outbox/retry: what was parked goes again.

import { parseListOutbox } from "../../wire/parse-document-operation.ts";
import { parseRetryOutbox } from "../../wire/parse-modify.ts";
import { renderOutbox } from "../../wire/render.ts";
import { answered } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondJson, respondText } from "../respond.ts";
import type { Route } from "../route.ts";

const PATH = "/v1/queues/:queue/outbox";

export const outboxRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle({ request, queue }) {
    const input = readQuery(request, ["limit"], parseListOutbox);
    return respondText(renderOutbox(answered(await queue.operate("listOutbox", input))));
  },
};

export const retryOutboxRoute: Route = {
  method: "POST",
  path: `${PATH}/retry`,
  action: "manage",
  async handle({ request, queue }) {
    const { messages, more } = answered(await queue.operate("retryOutbox", await readJson(request, parseRetryOutbox)));
    return respondJson({ messages, more });
  },
};
