// POST /v1/queues/{queue}/tasks: writes one task, or up to 1,000.

import { LIMITS } from "../../core/limits.ts";
import type { InputOf } from "../../core/operation.ts";
import type { Payload } from "../../core/task.ts";
import { problem } from "../../protocol/problem.ts";
import { parseEnqueue } from "../../wire/parse-operation.ts";
import { INTEGER_OPTIONS, parseRawTask } from "../../wire/task-fields.ts";
import { answered, HttpError } from "../http-error.ts";
import { contentTypeOf, readBytes, readJson, readText } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import { respondJson } from "../respond.ts";
import type { Route } from "../route.ts";

export const enqueueRoute: Route = {
  method: "POST",
  path: "/v1/queues/:queue/tasks",
  action: "enqueue",
  async handle({ request, queue }) {
    const type = contentTypeOf(request);
    const isJson = type === null || type === "application/json";
    const input = isJson ? await readJson(request, parseEnqueue) : await rawTask(request, type);
    const { tasks } = answered(await queue.operate("enqueue", input));
    return respondJson({ tasks }, 201);
  },
};

/** Any other content type: the body is the payload as it is, and the options are in the query. */
async function rawTask(request: Request, type: string): Promise<InputOf<"enqueue">> {
  // What curl says for -d when nobody told it better; taken for JSON or text it would surprise either way.
  if (type === "application/x-www-form-urlencoded" || type === "multipart/form-data") {
    const allowed =
      "application/json for tasks as JSON; text/plain, application/octet-stream or any other for the body as payload";
    throw new HttpError(
      problem("unsupported-media-type", `content-type: given ${JSON.stringify(type)}, allowed: ${allowed}`),
    );
  }
  const isText = type.startsWith("text/") || type.endsWith("+xml") || type === "application/xml";
  const body: Payload = isText ? await readText(request) : await readBytes(request);
  const contentType = (request.headers.get("content-type") ?? type).slice(0, LIMITS.contentTypeLength);
  const task = readQuery(request, INTEGER_OPTIONS, (options) => parseRawTask(body, contentType, options));
  return { tasks: [task] };
}
