// Which task or which page: the bodies of getTask, changeTask, cancelTask and browse. HTTP takes the same words from path
// and query.

import { LANE_NAME, LIMITS } from "../core/limits.ts";
import type { BrowseInput, InputOf } from "../core/operation.ts";
import type { TaskState } from "../core/task.ts";
import { Fields, text } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import { parseTaskChange } from "./task-fields.ts";

export function parseGetTask(body: unknown): InputOf<"getTask"> {
  const fields = new Fields(body);
  const id = takeId(fields);
  fields.end(["id"]);
  return { id };
}

export function parseChangeTask(body: unknown): InputOf<"changeTask"> {
  if (typeof body !== "object" || body === null) throw new Invalid("body", body, "a JSON object");
  const { id, ...change } = body as Readonly<Record<string, unknown>>;
  return { id: text(id, "id", LIMITS.taskIdLength), ...parseTaskChange(change) };
}

export function parseCancelTask(body: unknown): InputOf<"cancelTask"> {
  const fields = new Fields(body);
  const id = takeId(fields);
  const version = fields.integer("version", { min: 1, max: Number.MAX_SAFE_INTEGER });
  const force = fields.boolean("force") ?? false;
  fields.end(["id", "version", "force"]);
  return { id, force, ...(version === undefined ? {} : { version }) };
}

const DEFAULT_PAGE = 100;

/** State, lane, limit and cursor of a page, and nothing beside them. */
export function parseBrowse(fields: Fields): BrowseInput {
  const state = fields.matching("state", /^(ready|delayed|claimed|dead)$/) as TaskState | undefined;
  const lane = fields.matching("lane", LANE_NAME);
  const limit = fields.integer("limit", { min: 1, max: LIMITS.pageTasks }) ?? DEFAULT_PAGE;
  const cursor = fields.matching("cursor", /^[0-9a-z]{1,11}$/);
  fields.end(["state", "lane", "limit", "cursor"]);
  return {
    limit,
    after: cursor === undefined ? 0 : Number.parseInt(cursor, 36),
    ...(state === undefined ? {} : { state }),
    ...(lane === undefined ? {} : { lane }),
  };
}

/** Where the next page begins, as its reader is told. */
export function cursorOf(after: number | null): string | null {
  return after === null ? null : after.toString(36);
}

function takeId(fields: Fields): string {
  return text(fields.take("id"), fields.pathOf("id"), LIMITS.taskIdLength);
}
