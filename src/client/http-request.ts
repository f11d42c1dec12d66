// Each operation as an HTTP request: method, path, query and body. The table of the API, seen from the client.

import type { WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { InvalidOptionError } from "./edgeq-error.ts";

type Query = Readonly<Record<string, string | number | boolean | undefined>>;

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the queue's own path. */
  readonly path: string;
  readonly query?: Query;
  /** Sent as JSON. */
  readonly body?: object;
}

/** What is done by a method of HTTP; all else is posted to its own name, below what it is done to. */
const METHODS: Readonly<Record<string, Exclude<HttpRequest["method"], "POST">>> = {
  get: "GET",
  list: "GET",
  browse: "GET",
  put: "PUT",
  set: "PUT",
  configure: "PUT",
  change: "PATCH",
  delete: "DELETE",
  reset: "DELETE",
  cancel: "DELETE",
};

/**
 * An operation's name says where it goes: `getKey` is a GET of `/keys/:key`, `releaseTask` is posted to `/tasks/:id/release`, and `claim`
 * to `/claim`. What the path names comes out of the body; the rest is the query of a GET or DELETE, and the body of the others.
 *
 * Throws InvalidOptionError for a task id or document key that cannot stand in a path.
 */
export function httpRequest<Name extends WireOperationName>(operation: Name, body: WireBody<Name>): HttpRequest {
  const [verb = "", noun = ""] = operation.split(/(?=[A-Z])/);
  const method = METHODS[verb] ?? "POST";
  let path = /^(Queue)?$/.test(noun) ? "" : `/${noun.toLowerCase()}`;
  // A body without a part in the path goes as it is: its text may be known already.
  let rest: object = body;
  if (/^(Task|Key|Document)$/.test(noun)) {
    const field = noun === "Task" ? "id" : "key";
    const { [field]: named, ...others } = body as Readonly<Record<string, unknown>>;
    path += `s/${step(named, field)}`;
    rest = others;
  }
  if (/^(enqueue|browse)$/.test(verb)) path = "/tasks";
  else if (method === "POST") path += `/${verb}`;
  return { method, path, [method.startsWith("P") ? "body" : "query"]: rest };
}

/** URL parsers take "." and ".." as steps of their own: deleting the task ".." would delete its queue. */
function step(name: unknown, field: string): string {
  if (typeof name === "string" && !/^\.{0,2}$/.test(name) && name.isWellFormed()) return encodeURIComponent(name);
  throw new InvalidOptionError(field, name, 'well-formed text, but not "", "." or ".."');
}
