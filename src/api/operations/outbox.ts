// Messages on their way to other queues, and those that have not arrived.

import { LIMITS } from "../../core/limits.ts";
import type { InputOf } from "../../core/operation.ts";
import { operation } from "../operation.ts";
import { renderOutbox } from "../render.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE, flag, queueName } from "../schema/names.ts";
import { defaulted, object, optional, required } from "../schema/object.ts";
import { freeText, matching, oneOf } from "../schema/scalars.ts";
import { nullable } from "../schema/schema.ts";
import { at, count, cursorField } from "./answer-fields.ts";

/** A receiver's address (a queue, one object of a queue, or "@directory"), and a message number. */
const PLACE = /^([@A-Za-z0-9][A-Za-z0-9._-]{0,79}(?:@[0-9]{1,4})?)~([0-9a-z]{1,11})$/;

const message = object({
  queue: required(freeText(), 'Where it goes; "@directory": to the list of queues.'),
  message: required(freeText(), "Its name; another after it was sent again by hand."),
  kind: required(freeText()),
  id: required(nullable(freeText()), "The task's own id, if it has one."),
  createdAt: required(at),
  state: required(oneOf("waiting", "parked"), "`parked` after too many refusals."),
  refusals: required(count),
  error: required(nullable(freeText()), "Why it has not arrived; null: nothing has gone wrong so far."),
});

export const listOutbox = operation({
  name: "listOutbox",
  about: "What has not arrived at other queues, and why.",
  action: "browse",
  method: "GET",
  path: "/outbox",
  body: object(
    {
      limit: defaulted(countUpTo(LIMITS.pageOutbox), DEFAULT_PAGE),
      cursor: optional(matching(PLACE, CURSOR), "the first page"),
    },
    ({ limit, cursor = "" }): InputOf<"listOutbox"> => {
      const [place, queue = "", seq = ""] = PLACE.exec(cursor) ?? [];
      return { limit, after: place === undefined ? null : { queue, seq: Number.parseInt(seq, 36) } };
    },
  ),
  answer: object({ messages: required(anyNumberOf(message)), cursor: cursorField }),
  problems: ["invalid-request", "queue-not-found"],
  example: {
    body: { limit: 10 },
    answer: {
      messages: [
        {
          queue: "invoices",
          message: "3k1",
          kind: "insert",
          id: null,
          createdAt: 1_795_429_196_063,
          state: "parked",
          refusals: 20,
          error: "queue-full",
        },
      ],
      cursor: null,
    },
  },
  render: renderOutbox,
});

export const retryOutbox = operation({
  name: "retryOutbox",
  about: "Sends again what was parked.",
  action: "manage",
  method: "POST",
  path: "/outbox/retry",
  body: object({
    queue: optional(queueName, "all", "Only what goes there."),
    limit: defaulted(countUpTo(LIMITS.pageOutbox), DEFAULT_PAGE),
  }),
  answer: object({ messages: required(count), more: required(flag) }),
  problems: ["invalid-request", "queue-not-found"],
  // Sent again it would count wrongly, and send once more what has been parked since.
  repeat: "never",
  example: { body: { queue: "invoices" }, answer: { messages: 1, more: false } },
});
