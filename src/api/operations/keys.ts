// Keys: what tasks belong to. How each of them stands, what holds it back, and what is set for one alone.

import { KEY_LIMITS, type KeyReport } from "../../core/key-report.ts";
import { LIMITS } from "../../core/limits.ts";
import type { InputOf } from "../../core/operation.ts";
import { operation, operationOn } from "../operation.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE, flag, taskKey } from "../schema/names.ts";
import { defaulted, NOTHING, object, optional, required } from "../schema/object.ts";
import { freeText, integer, oneOf, text } from "../schema/scalars.ts";
import { nullable } from "../schema/schema.ts";
import { at, count, cursorField } from "./answer-fields.ts";
import { EXAMPLE_KEY } from "./examples.ts";
import { keyConcurrency, rate } from "./rate-fields.ts";

const PATH = "/keys/:key";
const KEY = { key: required(taskKey, "The key, percent-encoded in a path.") };

const key = object({
  key: required(freeText()),
  ready: required(count, "Could be claimed now if nothing held the key back."),
  delayed: required(count, "Visible later, or waiting for a retry."),
  claimed: required(count),
  hasMore: required(flag, "True: only the first 1,000 of a lane and priority were counted."),
  limited: required(
    nullable(
      object({
        by: required(oneOf(...KEY_LIMITS)),
        until: required(nullable(at), "null: until something changes."),
      }),
    ),
    "Why its next task is not offered; null: nothing holds it back.",
  ),
  credit: required(nullable(count), "Attempts of cost 1 that its rate allows at once; null: it has no rate."),
  override: required(
    object({
      concurrency: required(nullable(count)),
      rate: required(nullable(rate)),
      weight: required(nullable(count)),
      paused: required(flag),
    }),
    "What holds instead of the queue's settings; null: they hold.",
  ),
  blockedBy: required(anyNumberOf(freeText()), "Ids of the dead tasks that block it, in a strict order."),
});

export const listKeys = operation({
  name: "listKeys",
  about: "Keys that have tasks, or something set, in the order of their UTF-8.",
  action: "browse",
  method: "GET",
  path: "/keys",
  body: object(
    {
      limited: optional(oneOf("any", ...KEY_LIMITS), "all", "Only keys that this holds back; `any`: whatever does."),
      limit: defaulted(countUpTo(LIMITS.pageKeys), DEFAULT_PAGE),
      cursor: optional(text(LIMITS.keyLength, CURSOR), "the first page"),
    },
    ({ cursor: after = "", ...input }): InputOf<"listKeys"> => ({ ...input, after }),
  ),
  answer: object({ keys: required(anyNumberOf(key)), cursor: cursorField }),
  problems: ["invalid-request", "queue-not-found"],
  example: { body: { limited: "any", limit: 10 }, answer: { keys: [EXAMPLE_KEY], cursor: null } },
  render: ({ keys, after }) => JSON.stringify({ keys: keys.map(shown), cursor: after }),
});

/** What takes a key alone and answers how it stands then. */
const ONE_KEY = {
  body: NOTHING,
  answer: key,
  problems: ["invalid-request", "queue-not-found"],
  example: { body: { key: EXAMPLE_KEY.key }, answer: EXAMPLE_KEY },
  render: ({ report }: { readonly report: KeyReport }) => JSON.stringify(shown(report)),
} as const;

export const getKey = operationOn(KEY, {
  ...ONE_KEY,
  name: "getKey",
  about: "How a key stands. One that has no tasks and nothing set is as any other.",
  action: "browse",
  method: "GET",
  path: PATH,
});

const KEY_PATCH = {
  concurrency: optional(nullable(keyConcurrency), "as it is", "`null`: the queue's. With an order: `null` or 1."),
  rate: optional(nullable(rate), "as it is", "`null`: the queue's. `{limit, periodMs, burst}`."),
  weight: optional(
    nullable(integer({ min: 1, max: LIMITS.keyWeight })),
    "as it is",
    "Turns that it gets for one of another's. `null`: 1.",
  ),
  paused: optional(nullable(flag), "as it is", "True: none of its tasks is offered."),
};
export const keyPatch = object(KEY_PATCH);

export const setKey = operationOn(KEY, {
  name: "setKey",
  about: "Sets for one key what is given, and leaves the rest as it is. It holds from the next claim on.",
  action: "manage",
  method: "PUT",
  path: PATH,
  body: object(KEY_PATCH, (patch): { patch: InputOf<"setKey">["patch"] } => ({ patch })),
  answer: key,
  problems: ["invalid-request", "queue-not-found"],
  // Sent again it would undo what others set in between.
  repeat: "never",
  example: {
    body: { key: EXAMPLE_KEY.key, weight: 5 },
    answer: { ...EXAMPLE_KEY, override: { ...EXAMPLE_KEY.override, weight: 5 } },
  },
  render: ({ report }) => JSON.stringify(shown(report)),
});

export const resetKey = operationOn(KEY, {
  ...ONE_KEY,
  name: "resetKey",
  about: "Takes away what is set for one key: the queue's settings hold again.",
  action: "manage",
  method: "DELETE",
  path: PATH,
  // Sent again it would undo what others set in between.
  repeat: "never",
});

export const unblockKey = operationOn(KEY, {
  ...ONE_KEY,
  name: "unblockKey",
  about: "Dead tasks block the key no more, and stay dead; a rest that a consumer asked for by `limitKey` ends.",
  action: "manage",
  method: "POST",
  path: `${PATH}/unblock`,
  // Another task may have died after the first.
  repeat: "never",
});

function shown(report: KeyReport): object {
  const { concurrency = null, rate: pace = null, weight = null, paused = false } = report.override;
  const { key: name, ready, delayed, claimed, hasMore, limited, credit, blockedBy } = report;
  const override = { concurrency, rate: pace, weight, paused };
  return { key: name, ready, delayed, claimed, hasMore, limited, credit, override, blockedBy };
}
