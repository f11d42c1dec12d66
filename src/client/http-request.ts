// Each operation as an HTTP request: method, path, query and body. The table of the API, seen from the client.

import type { WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { InvalidOptionError } from "./edgeq-error.ts";
import { isWellFormed } from "./payload.ts";

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  /** Below the queue's own path. */
  readonly path: string;
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Sent as JSON. */
  readonly body?: unknown;
}

type Table = { readonly [Name in WireOperationName]: (body: WireBody<Name>) => HttpRequest };

const TABLE: Table = {
  enqueue: post("/tasks"),
  claim: post("/claim"),
  ack: post("/ack"),
  nack: post("/nack"),
  extend: post("/extend"),
  settle: post("/settle"),
  modify: post("/modify"),
  getDocument: ({ key }) => get(documentPath(key)),
  putDocument: ({ key, ...body }) => ({ method: "PUT", path: documentPath(key), body }),
  deleteDocument: ({ key, ...query }) => ({ method: "DELETE", path: documentPath(key), query }),
  listDocuments: (query) => get("/documents", query),
  listKeys: (query) => get("/keys", query),
  getKey: ({ key }) => get(keyPath(key)),
  setKey: ({ key, ...body }) => ({ method: "PUT", path: keyPath(key), body }),
  resetKey: ({ key }) => ({ method: "DELETE", path: keyPath(key) }),
  unblockKey: ({ key }) => ({ method: "POST", path: `${keyPath(key)}/unblock` }),
  getTask: ({ id }) => get(taskPath(id)),
  changeTask: ({ id, ...body }) => ({ method: "PATCH", path: taskPath(id), body }),
  cancelTask: ({ id, ...query }) => ({ method: "DELETE", path: taskPath(id), query }),
  browse: (query) => get("/tasks", query),
  getQueue: () => get(""),
  configure: (body) => ({ method: "PUT", path: "", body }),
  deleteQueue: () => ({ method: "DELETE", path: "" }),
  purge: () => ({ method: "POST", path: "/purge" }),
  redrive: post("/redrive"),
  getHistory: (query) => get("/history", query),
  listConsumers: (query) => get("/consumers", query),
  listOutbox: (query) => get("/outbox", query),
  retryOutbox: post("/outbox/retry"),
  exportQueue: post("/export"),
  importQueue: post("/import"),
};

/** Throws InvalidOptionError for a task id or document key that cannot stand in a path. */
export function httpRequest<Name extends WireOperationName>(operation: Name, body: WireBody<Name>): HttpRequest {
  return TABLE[operation](body);
}

function post(path: string): (body: unknown) => HttpRequest {
  return (body) => ({ method: "POST", path, body });
}

function get(path: string, query: HttpRequest["query"] = {}): HttpRequest {
  return { method: "GET", path, query };
}

function documentPath(key: string): string {
  return `/documents/${step(key, "key")}`;
}

function keyPath(key: string): string {
  return `/keys/${step(key, "key")}`;
}

function taskPath(id: string): string {
  return `/tasks/${step(id, "id")}`;
}

/** URL parsers take "." and ".." as steps of their own: deleting the task ".." would delete its queue. */
function step(name: unknown, field: string): string {
  if (typeof name === "string" && name !== "" && name !== "." && name !== ".." && isWellFormed(name))
    return encodeURIComponent(name);
  throw new InvalidOptionError(field, name, 'well-formed text that is not empty, "." or ".."');
}
