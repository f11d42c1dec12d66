// POST /v1/queues/{queue}/tasks takes more than JSON: with any other content type the body is the payload.

import type { InputOf } from "../../core/operation.ts";
import type { Payload } from "../../core/task.ts";
import { rawOptions, rawTask } from "../../api/operations/task-fields.ts";
import { unsupported } from "../http-error.ts";
import { mediaTypeOf, readBytes, readText } from "../read-body.ts";
import { readQuery } from "../read-query.ts";
import type { Call } from "../route.ts";
import { operationRoute, readInput, withHeaders } from "./operation.ts";

export const enqueueRoute = operationRoute(
  "enqueue",
  (call, operation) => {
    const type = mediaTypeOf(call.request);
    return type === null || type === "application/json" ? readInput(call, operation, type) : readRaw(call, type);
  },
  withHeaders,
);

/** The body as it is, and the options in the query. */
async function readRaw({ request, url }: Call, type: string): Promise<InputOf<"enqueue">> {
  // curl sends these unasked; taken for JSON or text they would surprise either way.
  if (type === "application/x-www-form-urlencoded" || type === "multipart/form-data") {
    const allowed =
      "application/json for tasks as JSON; text/plain, application/octet-stream or any other for the body as payload";
    throw unsupported(type, allowed);
  }
  const contentType = request.headers.get("content-type") ?? type;
  const body: Payload = isText(contentType) ? await readText(request) : await readBytes(request);
  const { fields } = rawOptions;
  return readQuery(url, fields, (query) => ({
    tasks: [rawTask(body, contentType, rawOptions.parse(query, ""))],
  }));
}

const TEXT_TYPE = /^(text\/|application\/xml\b|[^;]*\+(xml|json)\b)/i;
const OTHER_CHARSET = /;\s*charset\s*=\s*"?(?!utf-?8|us-ascii)/i;

/** Whether consumers get it as text. In another charset than UTF-8 it stays the bytes that it is. */
function isText(contentType: string): boolean {
  return TEXT_TYPE.test(contentType) && !OTHER_CHARSET.test(contentType);
}
