// A queue as a whole: its settings and counts, and what is done to all of its tasks.

import { LIMITS } from "../../core/limits.ts";
import type { InputOf, RedrivePlace } from "../../core/operation.ts";
import { DEFAULT_SETTINGS as DEFAULT } from "../../core/settings.ts";
import { operation } from "../operation.ts";
import { anyNumberOf, arrayOf, recordOf } from "../schema/lists.ts";
import { claimTimeoutMs, countUpTo, CURSOR, flag, queueName, taskId } from "../schema/names.ts";
import { object, optional, required, shownDefault } from "../schema/object.ts";
import { freeText, integer, matching, number, oneOf } from "../schema/scalars.ts";
import { mapped, nullable } from "../schema/schema.ts";
import { at, count, cursorField } from "./answer-fields.ts";
import { keyConcurrency, rate } from "./rate-fields.ts";

const backoffMs = integer({ min: 0, max: LIMITS.backoffMs, unit: "ms" });
const { backoff } = DEFAULT;

const backoffPatch = object({
  minMs: optional(backoffMs, shownDefault(backoff.minMs), "Delay before the second attempt."),
  maxMs: optional(backoffMs, shownDefault(backoff.maxMs), "The delay never grows past this. At least `minMs`."),
  factor: optional(
    number({ min: 1, max: LIMITS.backoffFactor }),
    shownDefault(backoff.factor),
    "Each further attempt waits this many times longer.",
  ),
  jitter: optional(number({ min: 0, max: 1 }), shownDefault(backoff.jitter), "Share of the delay that is random."),
});

const order = oneOf("none", "fifo", "strict");
const fairness = oneOf("none", "robin", "share");

const keysPatch = object({
  order: optional(order, "`none`", "`fifo`: one after another; `strict`: a dead one blocks its key too."),
  concurrency: optional(nullable(keyConcurrency), "`null`", "Claimed tasks of one key. With an order: `null` or 1."),
  rate: optional(nullable(rate), "`null`", "Attempts of one key."),
  fairness: optional(
    fairness,
    "`robin`",
    "Keys take turns; `share`: by how long their tasks are claimed; `none`: first come, first served.",
  ),
});

const perSecond = nullable(integer({ min: 1, max: LIMITS.rateLimit }));

const limitsPatch = object({
  requestsPerSecond: optional(perSecond, "`null`", "Requests by HTTP, sockets and bindings."),
  tasksPerSecond: optional(perSecond, "`null`", "Tasks enqueued, or inserted by modify."),
  rowsPerSecond: optional(perSecond, "`null`", "Rows written, whatever for: what Cloudflare bills."),
  parkedClaims: optional(
    nullable(integer({ min: 0, max: LIMITS.parkedClaims })),
    "`null`",
    "Claims that wait at one time.",
  ),
  sockets: optional(nullable(integer({ min: 0, max: LIMITS.sockets })), "`null`", "Sockets open at one time."),
});

/** A change of settings: what is absent stays as it is. */
const settingsPatch = object({
  claimTimeoutMs: optional(
    claimTimeoutMs,
    shownDefault(DEFAULT.claimTimeoutMs),
    "How long a claim lasts that names no time of its own.",
  ),
  maxAttempts: optional(
    nullable(integer({ min: 1, max: LIMITS.maxAttempts })),
    shownDefault(DEFAULT.maxAttempts),
    "Attempts before a task is dead. `null`: no limit.",
  ),
  backoff: optional(
    { ...backoffPatch, docs: backoffPatch.fields },
    "as it is",
    "Delay after a failure that names none.",
  ),
  deadLetterQueue: optional(
    nullable(queueName),
    shownDefault(DEFAULT.deadLetterQueue),
    "Queue that receives dead tasks. `null`: they stay, dead.",
  ),
  retentionMs: optional(
    nullable(integer({ min: 1_000, max: LIMITS.retentionMs, unit: "ms" })),
    shownDefault(DEFAULT.retentionMs),
    "How long an unfinished task is kept. `null`: for ever.",
  ),
  dedupeMs: optional(
    integer({ min: 0, max: LIMITS.dedupeMs, unit: "ms" }),
    shownDefault(DEFAULT.dedupeMs),
    "How long a finished task's own id still counts as a duplicate.",
  ),
  maxBacklog: optional(
    nullable(integer({ min: 1, max: LIMITS.maxBacklog })),
    shownDefault(DEFAULT.maxBacklog),
    "Tasks that it holds before it refuses more. `null`: what its storage holds.",
  ),
  maxInFlight: optional(
    integer({ min: 1, max: LIMITS.maxInFlight }),
    shownDefault(DEFAULT.maxInFlight),
    "Claimed tasks at one time.",
  ),
  paused: optional(flag, shownDefault(DEFAULT.paused), "Nothing is offered; enqueue, ack and nack work."),
  keys: optional({ ...keysPatch, docs: keysPatch.fields }, "as it is", "What holds for each key ([keys](keys.md))."),
  rate: optional(nullable(rate), "`null`", "Attempts of the whole queue: `{limit, periodMs, burst}`."),
  limits: optional(
    { ...limitsPatch, docs: limitsPatch.fields },
    "as it is",
    "What it takes from all callers together ([limits](limits.md#limits-of-a-queue)).",
  ),
});

const amount = number({ min: 0, max: Number.MAX_SAFE_INTEGER });

const settings = object({
  claimTimeoutMs: required(count),
  maxAttempts: required(nullable(count)),
  backoff: required(
    object({ minMs: required(count), maxMs: required(count), factor: required(amount), jitter: required(amount) }),
  ),
  deadLetterQueue: required(nullable(freeText())),
  retentionMs: required(nullable(count)),
  dedupeMs: required(count),
  maxBacklog: required(nullable(count)),
  maxInFlight: required(count),
  paused: required(flag),
  keys: required(
    object({
      order: required(order),
      concurrency: required(nullable(count)),
      rate: required(nullable(rate)),
      fairness: required(fairness),
    }),
  ),
  rate: required(nullable(rate)),
  limits: required(
    object({
      requestsPerSecond: required(nullable(count)),
      tasksPerSecond: required(nullable(count)),
      rowsPerSecond: required(nullable(count)),
      parkedClaims: required(nullable(count)),
      sockets: required(nullable(count)),
    }),
  ),
});

const COUNTS = { ready: required(count), delayed: required(count), claimed: required(count), dead: required(count) };

const queueView = object({
  name: required(freeText()),
  createdAt: required(at),
  settings: required(settings),
  stats: required(
    object({
      ...COUNTS,
      oldestReadyAgeMs: required(nullable(count), "null: nothing is ready."),
      bytes: required(count, "Size of the queue's database."),
      outbox: required(count, "Messages on their way to other queues."),
      lanes: required(recordOf(object(COUNTS), "an object")),
    }),
  ),
});

const EXAMPLE_COUNTS = { ready: 12, delayed: 3, claimed: 2, dead: 0 };

export const EXAMPLE_QUEUE = {
  name: "orders",
  createdAt: 1_795_429_196_063,
  settings: DEFAULT,
  stats: { ...EXAMPLE_COUNTS, oldestReadyAgeMs: 840, bytes: 45_056, outbox: 0, lanes: { main: EXAMPLE_COUNTS } },
};

const nothing = mapped(object({}), () => null);
const howMany = object({ tasks: required(count, "How many there were.") });

export const getQueue = operation({
  name: "getQueue",
  about: "Its settings and stats.",
  action: "browse",
  method: "GET",
  path: "",
  body: nothing,
  answer: queueView,
  problems: ["invalid-request", "queue-not-found"],
  repeat: "always",
  example: { answer: EXAMPLE_QUEUE },
  render: ({ queue }) => JSON.stringify(queue),
});

export const configure = operation({
  name: "configure",
  about: "Sets what is given, leaves the rest as it is, and makes the queue if it is not there.",
  action: "manage",
  method: "PUT",
  path: "",
  body: {
    ...mapped(settingsPatch, (patch): InputOf<"configure"> => ({ settings: patch })),
    docs: settingsPatch.fields,
  },
  answer: queueView,
  problems: ["invalid-request"],
  // Sent again it would undo what others set in between.
  repeat: "never",
  // The queue will write there on behalf of whoever names it, under ids of its own choice and past limits.
  demands: ({ settings: { deadLetterQueue } }) =>
    deadLetterQueue === undefined || deadLetterQueue === null ? [] : [{ action: "enqueue", queue: deadLetterQueue }],
  example: { body: { claimTimeoutMs: 60_000, backoff: { minMs: 5_000 } }, answer: EXAMPLE_QUEUE },
  render: ({ queue }) => JSON.stringify(queue),
});

export const deleteQueue = operation({
  name: "deleteQueue",
  about: "Deletes the queue with its tasks and settings.",
  action: "manage",
  method: "DELETE",
  path: "",
  body: nothing,
  answer: howMany,
  problems: ["invalid-request", "queue-not-found"],
  // A task may have come after the first.
  repeat: "never",
  example: { answer: { tasks: 17 } },
  render: ({ tasks }) => JSON.stringify({ tasks }),
});

export const purge = operation({
  name: "purge",
  about: "Deletes every task, in whatever state. Settings and remembered ids stay.",
  action: "manage",
  method: "POST",
  path: "/purge",
  body: nothing,
  answer: howMany,
  problems: ["invalid-request", "queue-not-found"],
  // A task may have come after the first.
  repeat: "never",
  example: { answer: { tasks: 17 } },
  render: ({ tasks }) => JSON.stringify({ tasks }),
});

/** Of a redrive: up to which key it goes, and the instant, if one counts, and the row that it has come to. */
const REDRIVE_PLACE = /^([0-9a-z]{1,11})-([0-9a-z]{0,11})-([0-9a-z]{1,11})$/;

export const redrive = operation({
  name: "redrive",
  about:
    "Offers dead tasks again, with no attempts counted: those that died here in place, those that came here as dead letters back in the queue where they died.",
  action: "manage",
  method: "POST",
  path: "/redrive",
  body: object(
    {
      ids: optional(
        arrayOf(taskId, LIMITS.batchTasks, "task ids"),
        "all",
        "`notFound` tells which are not there, not dead, or claimed.",
      ),
      limit: optional(
        countUpTo(LIMITS.batchTasks),
        shownDefault(LIMITS.batchTasks),
        "`more` tells whether some are left. Not with `ids`.",
      ),
      cursor: optional(
        matching(REDRIVE_PLACE, CURSOR),
        "from the start",
        "Where to go on, as the answer before said; with the same `ids`, if there are any.",
      ),
      changedTo: optional(
        arrayOf(queueName, LIMITS.redriveOrigins, "queue names"),
        "none",
        "Queues to which dead letters may go back that were changed since they left. Takes `enqueue` on each.",
      ),
    },
    ({ ids, limit, cursor, changedTo }, refuse): InputOf<"redrive"> => {
      const how = {
        ...(cursor === undefined ? {} : { after: redrivePlace(cursor) }),
        ...(changedTo === undefined ? {} : { changedTo }),
      };
      if (ids === undefined) return { ...how, limit: limit ?? LIMITS.batchTasks };
      if (limit !== undefined) refuse("limit", "ids or limit, not both");
      return { ...how, ids: [...new Set(ids)], limit: ids.length };
    },
  ),
  demands: ({ changedTo = [] }) => changedTo.map((queue) => ({ action: "enqueue", queue })),
  answer: object({
    tasks: required(count),
    notFound: required(anyNumberOf(freeText())),
    more: required(flag, "True: ask again with `cursor`."),
    cursor: cursorField,
    leftChanged: required(
      anyNumberOf(freeText()),
      "Where dead letters came from that were left, since they were changed; see `changedTo`.",
    ),
  }),
  problems: ["invalid-request", "queue-not-found", "queue-full"],
  // Sent again it would count wrongly, and miss the ids that it had found.
  repeat: "never",
  example: { body: { limit: 100 }, answer: { tasks: 2, notFound: [], more: false, cursor: null, leftChanged: [] } },
  render: ({ tasks, notFound, after, leftChanged }) => {
    const cursor = after === null ? null : redriveCursor(after);
    return JSON.stringify({ tasks, notFound, more: after !== null, cursor, leftChanged });
  },
});

function redriveCursor({ upTo, endsAt, seq }: RedrivePlace): string {
  return [upTo, endsAt, seq].map((part) => part?.toString(36) ?? "").join("-");
}

function redrivePlace(cursor: string): RedrivePlace {
  const [, upTo = "", endsAt = "", seq = ""] = REDRIVE_PLACE.exec(cursor) ?? [];
  const [upToKey = 0, endsAtMs = 0, lastSeq = 0] = [upTo, endsAt, seq].map((part) => Number.parseInt(part, 36));
  return { upTo: upToKey, endsAt: endsAt === "" ? null : endsAtMs, seq: lastSeq };
}
