// Single tasks and pages of them, without claiming: look, change, cancel, take a claim away.

import { LIMITS } from "../../core/limits.ts";
import type { BrowseInput, InputOf } from "../../core/operation.ts";
import { pageCursor } from "../browse-cursor.ts";
import { Invalid } from "../invalid.ts";
import { operation, operationOn } from "../operation.ts";
import { renderPage, renderTask } from "../render.ts";
import { anyNumberOf } from "../schema/lists.ts";
import { countUpTo, DEFAULT_PAGE, flag, laneName, taskId, taskState, version } from "../schema/names.ts";
import { defaulted, NOTHING, object, optional, required } from "../schema/object.ts";
import { freeText } from "../schema/scalars.ts";
import { cursorField } from "./answer-fields.ts";
import { EXAMPLE, EXAMPLE_BROWSED, EXAMPLE_SHOWN } from "./examples.ts";
import { browsedTask, PAST_ATTEMPTS } from "./task-answer.ts";
import { CHANGE_FIELDS, CHANGE_NAMES, taskChangeOf } from "./task-fields.ts";

const PATH = "/tasks/:id";
const ID = { id: required(taskId, "The task's id.", "the id of a task; it is required") };

export const browse = operation({
  name: "browse",
  about: "Pages through tasks without claiming them.",
  action: "browse",
  method: "GET",
  path: "/tasks",
  body: object(
    {
      state: optional(taskState, "all"),
      lane: optional(laneName, "all"),
      limit: defaulted(countUpTo(LIMITS.pageTasks), DEFAULT_PAGE),
      pastAttempts: defaulted(flag, false, PAST_ATTEMPTS),
      cursor: optional(pageCursor, "the first page", "Of a page with the same `state` and `lane`."),
    },
    ({ cursor: after = 0, ...input }): BrowseInput => ({ ...input, after }),
  ),
  answer: object({ tasks: required(anyNumberOf(browsedTask)), cursor: cursorField }),
  problems: ["invalid-request", "queue-not-found"],
  example: { body: { state: "ready", limit: 10 }, answer: { tasks: [EXAMPLE_BROWSED], cursor: null } },
  isLarge: true,
  render: renderPage,
});

export const getTask = operationOn(ID, {
  name: "getTask",
  about: "One task, as in a page, with its past attempts.",
  action: "browse",
  method: "GET",
  path: PATH,
  body: NOTHING,
  answer: browsedTask,
  problems: ["invalid-request", "queue-not-found", "task-not-found"],
  example: { body: { id: EXAMPLE.id }, answer: EXAMPLE_SHOWN },
  isLarge: true,
  render: ({ task }) => renderTask(task),
});

export const changeTask = operationOn(ID, {
  name: "changeTask",
  about: "Changes a task that is ready or delayed, or redrives a dead one with the change.",
  action: "manage",
  method: "PATCH",
  path: PATH,
  body: object(
    {
      version: required(
        version,
        "The version that it must be at (P4).",
        "the version of the task that is to be changed",
      ),
      ...CHANGE_FIELDS,
      redrive: defaulted(
        flag,
        false,
        "Of a task that has died in this queue: it begins again, changed, in the same commit.",
      ),
    },
    ({ version: held, redrive, ...fields }, refuse, path): Omit<InputOf<"changeTask">, "id"> => {
      const change = taskChangeOf(fields, refuse, path);
      if (redrive) return { version: held, change, redrive };
      if (Object.keys(change).length > 0) return { version: held, change };
      throw new Invalid("body", "no field but version", `at least one of ${CHANGE_NAMES.join(", ")}`);
    },
  ),
  answer: browsedTask,
  problems: [
    "invalid-request",
    "payload-too-large",
    "queue-not-found",
    "task-not-found",
    "version-conflict",
    "queue-full",
  ],
  // Sent again it would be refused for what it had done itself.
  repeat: "never",
  example: {
    body: { id: EXAMPLE.id, version: 1, priority: 10 },
    answer: { ...EXAMPLE_SHOWN, version: 2, priority: 10 },
  },
  isLarge: true,
  render: ({ task }) => renderTask(task),
});

export const cancelTask = operationOn(ID, {
  name: "cancelTask",
  about: "Cancels a task. Its id stays a duplicate for the dedupe window.",
  action: "manage",
  method: "DELETE",
  path: PATH,
  body: object({
    version: optional(version, "any", "The version that it must be at."),
    force: defaulted(flag, false, "Also if it is claimed: its claim is then lost."),
  }),
  answer: object({ id: required(freeText()) }),
  problems: ["invalid-request", "queue-not-found", "task-not-found", "version-conflict"],
  // Sent again it would be refused for what it had done itself.
  repeat: "never",
  example: { body: { id: EXAMPLE.id, version: 1 }, answer: { id: EXAMPLE.id } },
});

export const releaseTask = operationOn(ID, {
  name: "releaseTask",
  about: "Takes a claim away from its holder and offers the task again. The attempt is not counted.",
  action: "manage",
  method: "POST",
  path: `${PATH}/release`,
  body: object({ version: optional(version, "any", "The version that it must be at.") }),
  answer: browsedTask,
  problems: ["invalid-request", "queue-not-found", "task-not-found", "version-conflict"],
  // Sent again it might take the next claim away.
  repeat: "never",
  example: {
    body: { id: EXAMPLE.heldId, version: 2 },
    answer: { ...EXAMPLE_SHOWN, id: EXAMPLE.heldId, version: 3 },
  },
  isLarge: true,
  render: ({ task }) => renderTask(task),
});
