// Each operation as an HTTP request: method, path, query and body. The table of the API, seen from the client.

import type { WireBody, WireOperationName } from "../protocol/wire-operations.ts";

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
  enqueue: (body) => ({ method: "POST", path: "/tasks", body }),
  claim: (body) => ({ method: "POST", path: "/claim", body }),
  ack: (body) => ({ method: "POST", path: "/ack", body }),
  nack: (body) => ({ method: "POST", path: "/nack", body }),
  extend: (body) => ({ method: "POST", path: "/extend", body }),
  settle: (body) => ({ method: "POST", path: "/settle", body }),
  modify: (body) => ({ method: "POST", path: "/modify", body }),
  getDocument: ({ key }) => ({ method: "GET", path: documentPath(key) }),
  putDocument: ({ key, ...body }) => ({ method: "PUT", path: documentPath(key), body }),
  deleteDocument: ({ key, version }) => ({ method: "DELETE", path: documentPath(key), query: { version } }),
  listDocuments: ({ prefix, limit, cursor }) => ({
    method: "GET",
    path: "/documents",
    query: { prefix, limit, cursor },
  }),
  getTask: ({ id }) => ({ method: "GET", path: taskPath(id) }),
  changeTask: ({ id, ...body }) => ({ method: "PATCH", path: taskPath(id), body }),
  cancelTask: ({ id, version, force }) => ({ method: "DELETE", path: taskPath(id), query: { version, force } }),
  browse: ({ state, lane, limit, cursor }) => ({
    method: "GET",
    path: "/tasks",
    query: { state, lane, limit, cursor },
  }),
  getQueue: () => ({ method: "GET", path: "" }),
  configure: (body) => ({ method: "PUT", path: "", body }),
  deleteQueue: () => ({ method: "DELETE", path: "" }),
  purge: () => ({ method: "POST", path: "/purge" }),
  redrive: (body) => ({ method: "POST", path: "/redrive", body }),
  listOutbox: ({ limit, cursor }) => ({ method: "GET", path: "/outbox", query: { limit, cursor } }),
  retryOutbox: (body) => ({ method: "POST", path: "/outbox/retry", body }),
};

export function httpRequest<Name extends WireOperationName>(operation: Name, body: WireBody<Name>): HttpRequest {
  return TABLE[operation](body);
}

function documentPath(key: string): string {
  return `/documents/${encodeURIComponent(key)}`;
}

function taskPath(id: string): string {
  return `/tasks/${encodeURIComponent(id)}`;
}
