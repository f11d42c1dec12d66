// Each operation as an HTTP request: method, path, query and body. The table of the API, seen from the client.

import type { WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { InvalidOptionError } from "./edgeq-error.ts";
import { isWellFormed } from "./payload.ts";

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the queue's own path. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: unknown;
}

/**
 * What a path names comes out of the body; the rest is the query of a GET or DELETE, and the body of the others. An operation that
 * is not here is posted to its own name.
 */
const TABLE: { readonly [Name in WireOperationName]?: `${HttpRequest["method"]} ${string}` } = {
  enqueue: "POST /tasks",
  getDocument: "GET /documents/:key",
  putDocument: "PUT /documents/:key",
  deleteDocument: "DELETE /documents/:key",
  listDocuments: "GET /documents",
  listKeys: "GET /keys",
  getKey: "GET /keys/:key",
  setKey: "PUT /keys/:key",
  resetKey: "DELETE /keys/:key",
  unblockKey: "POST /keys/:key/unblock",
  getTask: "GET /tasks/:id",
  changeTask: "PATCH /tasks/:id",
  cancelTask: "DELETE /tasks/:id",
  releaseTask: "POST /tasks/:id/release",
  browse: "GET /tasks",
  getQueue: "GET ",
  configure: "PUT ",
  deleteQueue: "DELETE ",
  getHistory: "GET /history",
  getCost: "GET /cost",
  listConsumers: "GET /consumers",
  listOutbox: "GET /outbox",
  retryOutbox: "POST /outbox/retry",
  exportQueue: "POST /export",
  importQueue: "POST /import",
};

/** Throws InvalidOptionError for a task id or document key that cannot stand in a path. */
export function httpRequest<Name extends WireOperationName>(operation: Name, body: WireBody<Name>): HttpRequest {
  const [method, form = ""] = (TABLE[operation] ?? `POST /${operation}`).split(" ") as [HttpRequest["method"], string?];
  const isBody = method.startsWith("P");
  const [before = "", name, after = ""] = form.split(/:(\w+)/);
  // A body without a part in the path goes as it is: its text may be known already.
  if (name === undefined) return isBody ? { method, path: form, body } : { method, path: form, query: body as Query };
  const { [name]: named, ...rest } = body as Readonly<Record<string, unknown>>;
  const path = before + step(named, name) + after;
  return isBody ? { method, path, body: rest } : { method, path, query: rest as Query };
}

/** URL parsers take "." and ".." as steps of their own: deleting the task ".." would delete its queue. */
function step(name: unknown, field: string): string {
  if (typeof name === "string" && name !== "" && name !== "." && name !== ".." && isWellFormed(name))
    return encodeURIComponent(name);
  throw new InvalidOptionError(field, name, 'well-formed text that is not empty, "." or ".."');
}
