// GET /v1/queues/{queue}/outbox: what has not arrived at other queues, and why. POST .../outbox/retry: what was parked goes again.

import { LIMITS } from "../../core/limits.ts";
import type { OutboxInput } from "../../core/outbox-message.ts";
import { parseRetryOutbox } from "../../wire/parse-modify.ts";
import { answered } from "../http-error.ts";
import { readJson } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import type { Route } from "../route.ts";

const PATH = "/v1/queues/:queue/outbox";
const DEFAULT_PAGE = 100;
const CURSOR = /^([@A-Za-z0-9][A-Za-z0-9._-]{0,79})~([0-9a-z]{1,11})$/;

export const outboxRoute: Route = {
  method: "GET",
  path: PATH,
  action: "browse",
  async handle({ request, queue }) {
    const input = readQuery(request, ["limit"], (fields): OutboxInput => {
      const limit = fields.integer("limit", { min: 1, max: LIMITS.pageOutbox }) ?? DEFAULT_PAGE;
      const cursor = CURSOR.exec(fields.matching("cursor", CURSOR, "a cursor, as the page before answered it") ?? "");
      fields.end(["limit", "cursor"]);
      const [, receiver = "", seq = ""] = cursor ?? [];
      return { limit, after: cursor === null ? null : { queue: receiver, seq: Number.parseInt(seq, 36) } };
    });
    const { messages, after } = answered(await queue.operate("listOutbox", input));
    const cursor = after === null ? null : `${after.queue}~${after.seq.toString(36)}`;
    return respondJson({ messages, cursor });
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
