// Endpoints beside the operations of a queue: declared in the same way, served by routes of their own.

import { LIMITS, QUEUE_NAME } from "../core/limits.ts";
import { TROUBLES } from "../core/queue-report.ts";
import { thousands } from "../core/thousands.ts";
import { endpoint } from "./endpoint.ts";
import { at, count, cursorField } from "./operations/answer-fields.ts";
import { reincarnate, EXAMPLE_INCARNATION } from "./operations/reincarnate.ts";
import { configure, EXAMPLE_QUEUE } from "./operations/queue.ts";
import { anyNumberOf, recordOf } from "./schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE, instant } from "./schema/names.ts";
import { defaulted, NOTHING, object, optional, required } from "./schema/object.ts";
import { anyJson, boolean, freeText, literal, matching, oneOf } from "./schema/scalars.ts";
import { nullable } from "./schema/schema.ts";

export const pause = endpoint({
  name: "pause",
  about: "Nothing is offered from now on. Makes the queue if it is not there.",
  action: "manage",
  method: "POST",
  path: `${configure.path}/pause`,
  rest: NOTHING,
  answer: configure.answer,
  problems: ["invalid-request"],
  example: { answer: { ...EXAMPLE_QUEUE, settings: { ...EXAMPLE_QUEUE.settings, paused: true } } },
});

export const resume = endpoint({
  ...pause,
  name: "resume",
  about: "Tasks are offered again. Makes the queue if it is not there.",
  path: `${configure.path}/resume`,
  answer: configure.answer,
  example: { answer: EXAMPLE_QUEUE },
});

export const rewind = endpoint({
  name: "rewind",
  about:
    "Puts the queue back to an earlier moment, of which Cloudflare keeps a record, and begins a new incarnation. All that was answered since is " +
    "lost.",
  action: "admin",
  method: "POST",
  path: `${configure.path}/rewind`,
  rest: object({ to: required(instant, "Within the last 30 days.") }),
  answer: reincarnate.answer,
  problems: ["invalid-request", "queue-not-found", "not-supported"],
  repeat: "never",
  example: { body: { to: 1_795_429_196_063 }, answer: EXAMPLE_INCARNATION },
});

export const openSocket = endpoint({
  name: "openSocket",
  about: "Upgrades to a WebSocket, over which every operation travels as a frame and tasks are pushed under credit.",
  action: "claim",
  method: "GET",
  path: `${configure.path}/socket`,
  rest: NOTHING,
  status: 101,
  answer: NOTHING,
  problems: ["upgrade-required", "overloaded"],
  example: { answer: {} },
});

export const listQueues = endpoint({
  name: "listQueues",
  about: "The queues that exist, in the order of their names. A queue is listed a moment after its first write.",
  action: "admin",
  method: "GET",
  path: "/v1/queues",
  rest: object({
    limit: defaulted(countUpTo(LIMITS.pageQueues), DEFAULT_PAGE),
    cursor: optional(matching(QUEUE_NAME, CURSOR), "the first page"),
  }),
  answer: object({
    queues: required(anyNumberOf(object({ name: required(freeText()), createdAt: required(at) }))),
    cursor: cursorField,
  }),
  problems: ["invalid-request"],
  example: { answer: { queues: [{ name: "orders", createdAt: 1_795_429_196_063 }], cursor: null } },
});

const reported = object({
  ageMs: required(count, "How old the report is."),
  paused: required(boolean()),
  maxInFlight: required(count),
  maxBacklog: required(nullable(count)),
  consumers: required(count, "Consumers that stood in line for tasks."),
  parked: required(count, "Parked outbox messages."),
  limitedKeys: required(nullable(count), "Keys with ready tasks that wait for another of theirs. null: unknown."),
  deadLetterQueue: required(nullable(freeText())),
  inPerMinute: required(nullable(count), "Tasks that came, enqueued or from other queues. null: unknown."),
  outPerMinute: required(nullable(count), "Tasks that left: acked, cancelled, moved, removed."),
  failedPerMinute: required(nullable(count), "Attempts that failed or ran out. null: unknown."),
  ackedPerMinute: required(nullable(count), "Attempts that were acked. null: unknown."),
  lastDeathAt: required(nullable(at), "When the last deaths were reported. null: none has died."),
  trouble: required(anyNumberOf(oneOf(...TROUBLES)), "The gravest first."),
  stats: required(
    nullable(
      object({
        ready: required(count),
        delayed: required(count),
        claimed: required(count),
        dead: required(count),
        oldestReadyAgeMs: required(
          nullable(count),
          "By now, if no consumer has taken it since. null: nothing was ready, or only tasks of keys that were not looked for yet.",
        ),
      }),
    ),
    "null: the queue has not been counted since it woke.",
  ),
  totals: required(recordOf(count, "an object"), "Tasks by what happened to them, since the queue first reported."),
});

const EXAMPLE_REPORT = {
  ageMs: 3_200,
  paused: false,
  maxInFlight: 120_000,
  maxBacklog: null,
  consumers: 2,
  parked: 0,
  limitedKeys: 0,
  deadLetterQueue: null,
  inPerMinute: 118,
  outPerMinute: 121,
  failedPerMinute: 4,
  ackedPerMinute: 121,
  lastDeathAt: 1_795_429_190_002,
  trouble: ["deaths" as const],
  stats: { ready: 12, delayed: 3, claimed: 2, dead: 0, oldestReadyAgeMs: 4_040 },
  totals: { enqueued: 5_210, acked: 5_190, failed: 41, died: 3 },
};

/** A queue's name; in the order of trouble with the weight of its trouble before it. */
const OVERVIEW_PLACE = /^(?:(\d{1,3})~)?([A-Za-z0-9][A-Za-z0-9._-]{0,79})$/;

const PART_OF_NAME = /^[A-Za-z0-9._-]{1,80}$/;

export const overview = endpoint({
  name: "overview",
  about:
    "The queues that the token may browse, with what each last reported, in the order of their names or of their trouble. Wakes no queue. " +
    "A report is seconds old while a queue is busy, and as old as its last activity while it sleeps.",
  action: "browse",
  method: "GET",
  path: "/v1/overview",
  rest: object(
    {
      limit: defaulted(countUpTo(LIMITS.pageQueues), DEFAULT_PAGE),
      order: defaulted(oneOf("name", "trouble"), "name", "`trouble`: those in the gravest trouble first."),
      find: optional(
        matching(PART_OF_NAME, "1 to 80 of the characters of queue names"),
        "all",
        "Only queues whose names have it in them, in capitals or not.",
      ),
      cursor: optional(matching(OVERVIEW_PLACE, CURSOR), "the first page", "Of the same order and `find`."),
    },
    ({ limit, order, find = "", cursor }, refuse) => {
      const [, weight, name = ""] = OVERVIEW_PLACE.exec(cursor ?? "") ?? [];
      if (cursor !== undefined && (weight === undefined) !== (order === "name")) refuse("cursor", CURSOR);
      return {
        limit,
        order,
        find: find.toLowerCase(),
        after: cursor === undefined ? null : { weight: Number(weight ?? 0), name },
      };
    },
  ),
  answer: object({
    queues: required(
      anyNumberOf(
        object({
          name: required(freeText()),
          createdAt: required(at),
          report: required(nullable(reported), "null: it has not reported yet."),
        }),
      ),
    ),
    lookedAt: required(
      count,
      `Names that were looked at for this page, ${thousands(LIMITS.pageScan)} at most: a page may be short, or empty, with a cursor.`,
    ),
    cursor: cursorField,
  }),
  problems: ["invalid-request"],
  example: {
    answer: {
      queues: [{ name: "orders", createdAt: 1_795_429_196_063, report: EXAMPLE_REPORT }],
      lookedAt: 1,
      cursor: null,
    },
  },
});

export const watchOverview = endpoint({
  ...openSocket,
  name: "watchOverview",
  about:
    'Upgrades to a WebSocket that is sent `{"op":"overview"}` when the overview has changed for the token, every 2 seconds at most.',
  action: "browse",
  path: `${overview.path}/socket`,
  answer: NOTHING,
  example: { answer: {} },
});

export const metrics = endpoint({
  name: "metrics",
  about: "The overview as Prometheus text, the first queues by name. Wakes no queue.",
  action: "browse",
  method: "GET",
  path: "/metrics",
  rest: object({ limit: defaulted(countUpTo(LIMITS.pageQueues), LIMITS.pageQueues) }),
  answer: anyJson(),
  problems: ["invalid-request"],
  example: { answer: "" },
});

export const health = endpoint({
  name: "health",
  about: "The Worker answers, and tells its version and its clock. Touches no queue.",
  action: null,
  method: "GET",
  path: "/v1/health",
  rest: NOTHING,
  answer: object({ status: required(literal("ok")), version: required(freeText()), now: required(at) }),
  problems: [],
  example: { answer: { status: "ok", version: "0.1.0", now: 1_795_429_196_063 } },
});

export const ready = endpoint({
  name: "ready",
  about:
    "The server can write: a row has just been written, or less than a second ago. A server whose disk is full or damaged is " +
    "alive, but not ready.",
  action: null,
  method: "GET",
  path: "/v1/ready",
  rest: NOTHING,
  answer: object({ status: required(literal("ready")), version: required(freeText()), now: required(at) }),
  problems: ["not-ready"],
  example: { answer: { status: "ready", version: "0.1.0", now: 1_795_429_196_063 } },
});

export const describe = endpoint({
  name: "describe",
  about: "This API as an OpenAPI 3.1 document, for programs.",
  action: null,
  method: "GET",
  path: "/v1/openapi.json",
  rest: NOTHING,
  answer: anyJson(),
  problems: [],
  example: { answer: { openapi: "3.1.0", info: {}, paths: {} } },
});

export const reference = endpoint({
  name: "reference",
  about: "The same for people, as a page.",
  action: null,
  method: "GET",
  path: "/docs",
  rest: NOTHING,
  answer: anyJson(),
  problems: [],
  example: { answer: "" },
});
