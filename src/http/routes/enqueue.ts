// POST /v1/queues/{queue}/tasks: writes one task, or up to 1,000.

import type { InputOf } from "../../core/operation.ts";
import type { Payload } from "../../core/task.ts";
import { parseEnqueue } from "../../api/parse-operation.ts";
import { INTEGER_OPTIONS, parseRawTask } from "../../api/task-fields.ts";
import { unsupported } from "../http-error.ts";
import { mediaTypeOf, readBytes, readJson, readText } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondText } from "../respond.ts";
import type { Route } from "../route.ts";

export const enqueueRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/tasks",
  action: "enqueue",
  async handle({ request, answer }) {
    const type = mediaTypeOf(request);
    const isJson = type === null || type === "application/json";
    const input = isJson ? await readJson(request, parseEnqueue) : await rawTask(request, type);
    return respondText(await answer("enqueue", input), 201);
  },
};

/** Any other content type: the body is the payload as it is, and the options are in the query. */
async function rawTask(request: Request, type: string): Promise<InputOf<"enqueue">> {
  // What curl says for -d when nobody told it better; taken for JSON or text it would surprise either way.
  if (type === "application/x-www-form-urlencoded" || type === "multipart/form-data") {
    const allowed =
      "application/json for tasks as JSON; text/plain, application/octet-stream or any other for the body as payload";
    throw unsupported(type, allowed);
  }
  const contentType = request.headers.get("content-type") ?? type;
  const body: Payload = isText(contentType) ? await readText(request) : await readBytes(request);
  const task = readQuery(request, INTEGER_OPTIONS, (options) => parseRawTask(body, contentType, options));
  return { tasks: [task] };
}

const TEXT_TYPE = /^(text\/|application\/xml\b|[^;]*\+(xml|json)\b)/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*"?(?!utf-?8|us-ascii)/i;

/** Whether consumers get it as text. In another charset than UTF-8 it stays the bytes that it is. */
function isText(contentType: string): boolean {
  return TEXT_TYPE.test(contentType) && !OTHER_CHARSET.test(contentType);
}
