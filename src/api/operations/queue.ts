// A queue as a whole: its settings and counts, and what is done to all of its tasks.

import { LIMITS } from "../../core/limits.ts";
import type { InputOf, RedrivePlace } from "../../core/operation.ts";
import { DEFAULT_SETTINGS as DEFAULT } from "../../core/settings.ts";
import { operation } from "../operation.ts";
import { anyNumberOf, arrayOf, recordOf } from "../schema/lists.ts";
import { countUpTo, CURSOR, flag, queueName, taskId } from "../schema/names.ts";
import { NOTHING, object, optional, required, shownDefault } from "../schema/object.ts";
import { freeText, matching, oneOf } from "../schema/scalars.ts";
import { mapped, nullable } from "../schema/schema.ts";
import { at, count, cursorField } from "./answer-fields.ts";
import { onReach, settings, settingsPatch } from "./settings-fields.ts";

const COUNTS = { ready: required(count), delayed: required(count), claimed: required(count), dead: required(count) };

const queueView = object({
  name: required(freeText()),
  createdAt: required(at),
  settings: required(settings),
  stats: required(
    object({
      ...COUNTS,
      oldestReadyAgeMs: required(
        nullable(count),
        "null: nothing is ready, or only tasks of keys for which no claim has looked since the queue woke.",
      ),
      bytes: required(count, "Size of the queue's database."),
      outbox: required(count, "Messages on their way to other queues."),
      budgetReached: required(
        nullable(
          object({ by: required(oneOf("rowsPerHour", "usdPerDay")), onReach: required(onReach), until: required(at) }),
        ),
        "null: it has not used up its budget, or has none.",
      ),
      alarmSlowedMs: required(count, "How long its alarm waits, since it rings without progress; 0: it does not."),
      slowedTask: required(
        nullable(freeText()),
        "A task that is claimed and given back without end; null: there is none.",
      ),
      lanes: required(recordOf(object(COUNTS), "an object")),
    }),
  ),
});

const EXAMPLE_COUNTS = { ready: 12, delayed: 3, claimed: 2, dead: 0 };

export const EXAMPLE_QUEUE = {
  name: "orders",
  createdAt: 1_795_429_196_063,
  settings: DEFAULT,
  stats: {
    ...EXAMPLE_COUNTS,
    oldestReadyAgeMs: 840,
    bytes: 45_056,
    outbox: 0,
    budgetReached: null,
    alarmSlowedMs: 0,
    slowedTask: null,
    lanes: { main: EXAMPLE_COUNTS },
  },
};

/** A body without fields. */
export const nothing = mapped(NOTHING, () => null);
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
        "Where to go on, from the answer before; with the same `ids`, if there are any.",
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
