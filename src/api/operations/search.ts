// Tasks found by a search, and what is done to all that match.

import { LIMITS } from "../../core/limits.ts";
import type { ApplyInput, SearchInput } from "../../core/operation.ts";
import type { SearchTerm } from "../../core/search.ts";
import { parseSearch } from "../../protocol/search-query.ts";
import { browseCursor, browsePlace, pageCursor } from "../browse-cursor.ts";
import { Invalid } from "../invalid.ts";
import { operation } from "../operation.ts";
import { renderTasks } from "../render.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, CURSOR, DEFAULT_PAGE, delayMs, flag, instant } from "../schema/names.ts";
import { defaulted, object, optional, required, shownDefault } from "../schema/object.ts";
import { matching, oneOf, text } from "../schema/scalars.ts";
import { mapped } from "../schema/schema.ts";
import { at, count, cursorField } from "./answer-fields.ts";
import { EXAMPLE_BROWSED } from "./examples.ts";
import { browsedTask, PAST_ATTEMPTS } from "./task-answer.ts";

const query = mapped(text(LIMITS.searchLength), (written, path): readonly SearchTerm[] => {
  const parsed = parseSearch(written);
  if (parsed.kind === "terms") return parsed.terms;
  throw new Invalid(path, parsed.term, parsed.allowed);
});

export const search = operation({
  name: "search",
  about: "Pages through the tasks that match.",
  action: "browse",
  method: "POST",
  path: "/search",
  body: object(
    {
      query: optional(query, "all", "Terms with spaces between them, all of which a task must match."),
      limit: defaulted(countUpTo(LIMITS.pageTasks), DEFAULT_PAGE),
      pastAttempts: defaulted(flag, false, PAST_ATTEMPTS),
      cursor: optional(pageCursor, "the first page", "Of a page with the same `query`."),
    },
    ({ query: terms = [], cursor: after = 0, ...rest }): SearchInput => ({ ...rest, terms, after }),
  ),
  answer: object({
    tasks: required(anyNumberOf(browsedTask)),
    lookedAt: required(count, "Tasks, and rows that are none, that were looked at for this page."),
    cursor: cursorField,
  }),
  problems: ["invalid-request", "queue-not-found"],
  repeat: "always",
  example: {
    body: { query: "state:ready payload.order:7", limit: 10 },
    answer: { tasks: [EXAMPLE_BROWSED], lookedAt: 16, cursor: null },
  },
  isLarge: true,
  render: ({ tasks, lookedAt, after }) => renderTasks(tasks, { lookedAt, cursor: browseCursor(after) }),
});

/** When the first call began, and the place that the last has come to. */
const APPLY_CURSOR = /^([0-9a-z]{1,11})~(.{1,900})$/;

export const apply = operation({
  name: "apply",
  about: "Does one thing to the tasks that match, or counts them. Each call is a commit of its own.",
  action: "manage",
  method: "POST",
  path: "/apply",
  body: object(
    {
      query: required(query, "As for a search."),
      action: required(oneOf("retry", "snooze", "cancel", "release", "redrive"), "What is done to them."),
      delayMs: optional(delayMs, "none", "Of `snooze`: how long, from the first call on."),
      force: defaulted(flag, false, "Of `cancel`: claimed tasks too."),
      dryRun: defaulted(flag, false, "True: the tasks are counted, and nothing is done."),
      asOf: optional(instant, "now", "Only tasks that were enqueued by then."),
      limit: optional(
        countUpTo(LIMITS.batchTasks),
        shownDefault(LIMITS.batchTasks),
        "How many one call changes at most; a dry run counts on.",
      ),
      cursor: optional(matching(APPLY_CURSOR, CURSOR), "from the start", "Of an answer to the same request."),
    },
    ({ query: terms, action, delayMs: delay, limit, cursor, ...rest }, refuse): ApplyInput => {
      if ((action === "snooze") !== (delay !== undefined))
        refuse("delayMs", "a delay with the action snooze, and none otherwise");
      if (rest.force && action !== "cancel") refuse("force", "true only with the action cancel");
      const [, startedAt = "", place = ""] = APPLY_CURSOR.exec(cursor ?? "") ?? [];
      const after = cursor === undefined ? 0 : browsePlace(place);
      if (after === null) throw new Invalid("cursor", cursor, CURSOR);
      const started = cursor === undefined ? {} : { startedAt: Number.parseInt(startedAt, 36) };
      return { ...rest, ...started, terms, action, delayMs: delay ?? 0, limit: limit ?? LIMITS.batchTasks, after };
    },
  ),
  // Counting needs what is in them.
  demands: (_input, queue) => [{ action: "browse", queue }],
  answer: object({
    tasks: required(count, "On how many it was done, or would be."),
    left: required(count, "How many match, and were left because the action is not for what they are."),
    lookedAt: required(count),
    asOf: required(at, "For the calls after a dry run, so that they are about the same tasks."),
    cursor: cursorField,
  }),
  problems: ["invalid-request", "queue-not-found", "queue-full"],
  // Sent again it would count wrongly, and snooze for longer.
  repeat: "never",
  example: {
    body: { query: "state:dead error:timeout", action: "redrive", dryRun: true },
    answer: { tasks: 12, left: 0, lookedAt: 40, asOf: 1_795_429_196_063, cursor: null },
  },
  render: ({ tasks, left, lookedAt, asOf, startedAt, after }) => {
    const cursor = after === null ? null : `${startedAt.toString(36)}~${browseCursor(after)}`;
    return JSON.stringify({ tasks, left, lookedAt, asOf, cursor });
  },
});
