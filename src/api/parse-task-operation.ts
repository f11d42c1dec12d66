// The operations that name a task or page through tasks: over HTTP their fields are in the path and the query, in a
// socket's frame they are the body.

import { LANE_NAME, LIMITS } from "../core/limits.ts";
import type { BrowseInput, InputOf } from "../core/operation.ts";
import { Fields, text } from "./fields.ts";
import { Invalid } from "./invalid.ts";
import { parseTaskChange } from "./task-fields.ts";

const DEFAULT_PAGE = 100;
const VERSION = { min: 1, max: Number.MAX_SAFE_INTEGER };

export function parseBrowse(fields: Fields): BrowseInput {
  const state = fields.oneOf("state", ["ready", "delayed", "claimed", "dead"]);
  const lane = fields.matching("lane", LANE_NAME);
  const limit = fields.integer("limit", { min: 1, max: LIMITS.pageTasks }) ?? DEFAULT_PAGE;
  const cursor = fields.matching("cursor", /^[0-9a-z]{1,11}$/, "a cursor, as the page before answered it");
  fields.end(["state", "lane", "limit", "cursor"]);
  return {
    limit,
    after: cursor === undefined ? 0 : Number.parseInt(cursor, 36),
    ...(state === undefined ? {} : { state }),
    ...(lane === undefined ? {} : { lane }),
  };
}

export function parseGetTask(body: unknown): InputOf<"getTask"> {
  const fields = new Fields(body);
  const id = taskId(fields);
  fields.end(["id"]);
  return { id };
}

export function parseCancelTask(body: unknown): InputOf<"cancelTask"> {
  const fields = new Fields(body);
  const id = taskId(fields);
  const version = fields.integer("version", VERSION);
  const force = fields.boolean("force") ?? false;
  fields.end(["id", "version", "force"]);
  return { id, force, ...(version === undefined ? {} : { version }) };
}

export function parseChangeTask(body: unknown): InputOf<"changeTask"> {
  const id = taskId(new Fields(body));
  const { id: _id, ...change } = body as Readonly<Record<string, unknown>>;
  return { id, ...parseTaskChange(change) };
}

/** The body of an operation that takes nothing: `{}`. */
export function parseNothing(body: unknown): null {
  new Fields(body).end([]);
  return null;
}

function taskId(fields: Fields): string {
  const id = fields.take("id");
  if (id === undefined) throw new Invalid("id", undefined, "the id of a task; it is required");
  return text(id, "id", LIMITS.taskIdLength);
}
