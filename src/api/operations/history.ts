// The history of a queue's tasks, and its consumers.

import { LIMITS } from "../../core/limits.ts";
import { TASK_EVENTS, type EventCounts, type TaskEvent } from "../../core/task-event.ts";
import { thousands } from "../../core/thousands.ts";
import { operation } from "../operation.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, DEFAULT_PAGE, flag, instant } from "../schema/names.ts";
import { defaulted, object, optional, required } from "../schema/object.ts";
import { freeText, integer } from "../schema/scalars.ts";
import { nullable, type Field, type Schema } from "../schema/schema.ts";
import { Invalid } from "../invalid.ts";
import { at, count } from "./answer-fields.ts";

const FINE_STEP_MS = 10_000;
const MINUTE_MS = 60_000;
const STEP = "10,000 ms, or whole minutes up to 86,400,000 ms (a day)";

const DAY_MS = 1_440 * MINUTE_MS;

const step: Schema<number> = {
  allowed: STEP,
  json: integer({ min: FINE_STEP_MS, max: DAY_MS }).json,
  parse: (value, path) => {
    const isWhole = typeof value === "number" && Number.isInteger(value) && value % MINUTE_MS === 0;
    if (value === FINE_STEP_MS || (isWhole && value >= MINUTE_MS && value <= DAY_MS)) return value;
    throw new Invalid(path, value, STEP);
  },
};

const eventCounts = object(
  Object.fromEntries(TASK_EVENTS.map((event) => [event, required(count)])) as Record<
    TaskEvent,
    Field<number, number, "required">
  >,
);

const quantiles = object({ p50: required(count), p95: required(count) });
const HAPPENED = {
  events: required(eventCounts, "Tasks by what happened to them."),
  waitMs: required(nullable(quantiles), "From ready to claimed. null: none was claimed."),
  runMs: required(nullable(quantiles), "From claimed to acked. null: none was acked."),
};

const EVENTS: EventCounts = {
  enqueued: 120,
  received: 0,
  claimed: 118,
  acked: 115,
  cancelled: 0,
  moved: 0,
  removed: 0,
  failed: 3,
  expired: 0,
  snoozed: 0,
  died: 0,
  redriven: 0,
};
const EXAMPLE = { events: EVENTS, waitMs: { p50: 7, p95: 40 }, runMs: { p50: 210, p95: 890 } };
const EXAMPLE_AT = 1_795_429_140_000;

export const getHistory = operation({
  name: "getHistory",
  about:
    "What happened to its tasks: the last hour by ten seconds, as far as the queue's object has been awake, and seven days by minute.",
  action: "browse",
  method: "GET",
  path: "/history",
  body: object({
    from: optional(
      instant,
      "an hour before `to`",
      "Steps that begin before it are in the answer if they end after it.",
    ),
    to: optional(instant, "now"),
    stepMs: defaulted(step, MINUTE_MS, `At most ${thousands(LIMITS.historyPoints)} steps.`),
  }),
  answer: object({
    from: required(at),
    to: required(at),
    stepMs: required(count),
    points: required(
      anyNumberOf(
        object({
          at: required(at),
          ms: required(count, "How long it stands for: a step, or a minute where ten seconds are not known."),
          ...HAPPENED,
          backlog: required(nullable(count), "Tasks ready and delayed at its end. null: not counted."),
          dead: required(nullable(count)),
        }),
      ),
      "In their order. Steps in which nothing happened are left out.",
    ),
    total: required(object(HAPPENED), "All points together."),
    lanes: required(
      anyNumberOf(
        object({
          lane: required(nullable(freeText()), "null: the lanes beyond those that are counted apart."),
          events: required(eventCounts),
        }),
      ),
      "The busiest lanes.",
    ),
  }),
  problems: ["invalid-request", "queue-not-found"],
  example: {
    body: { stepMs: MINUTE_MS },
    answer: {
      from: EXAMPLE_AT - 3_540_000,
      to: EXAMPLE_AT + 60_000,
      stepMs: MINUTE_MS,
      points: [{ at: EXAMPLE_AT, ms: MINUTE_MS, ...EXAMPLE, backlog: 12, dead: 0 }],
      total: EXAMPLE,
      lanes: [{ lane: "main", events: EVENTS }],
    },
  },
  render: ({ history }) => JSON.stringify(history),
});

export const listConsumers = operation({
  name: "listConsumers",
  about:
    "Who works on it: who holds claims, who waits for tasks, and who has done either since the queue's object woke.",
  action: "browse",
  method: "GET",
  path: "/consumers",
  body: object({ limit: defaulted(countUpTo(LIMITS.pageConsumers), DEFAULT_PAGE) }),
  answer: object({
    consumers: required(
      anyNumberOf(
        object({
          claimant: required(nullable(freeText()), "null: claims without a name."),
          sinceAt: required(nullable(at), "Its first claim that is known. null: it only waits so far."),
          lastSeenAt: required(at),
          claims: required(count, "Tasks that it holds now."),
          waiting: required(count, "Its long polls and sockets that wait for tasks."),
          acked: required(count, "Since the queue's object woke."),
          failed: required(count),
          ackedPerMinute: required(count, "In the last minute, to ten seconds."),
          failedPerMinute: required(count),
        }),
      ),
      "Those that hold most first.",
    ),
    more: required(flag, "True: there are more than `limit`."),
  }),
  problems: ["invalid-request", "queue-not-found"],
  example: {
    body: { limit: 10 },
    answer: {
      consumers: [
        {
          claimant: "worker-1",
          sinceAt: EXAMPLE_AT,
          lastSeenAt: EXAMPLE_AT + 52_000,
          claims: 2,
          waiting: 1,
          acked: 115,
          failed: 3,
          ackedPerMinute: 109,
          failedPerMinute: 2,
        },
      ],
      more: false,
    },
  },
});
