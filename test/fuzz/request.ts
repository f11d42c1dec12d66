// An operation as it travels: an HTTP request, or a message of a frame.

import type { Random } from "../simulation/random.ts";
import type { Operation } from "./grammar.ts";

export interface HttpRequest {
  readonly method: string;
  /** Percent-encoded, query and all. */
  readonly path: string;
  readonly body: string | Uint8Array<ArrayBuffer> | null;
  readonly contentType: string;
}

type Body = Readonly<Record<string, unknown>>;

/** A segment of a path that no name is: not UTF-8. */
const NO_NAME = "%ff";

export function httpRequest(queue: string, operation: Operation, body: unknown): HttpRequest {
  const { method } = operation;
  const rest: Record<string, unknown> = isObject(body) ? { ...body } : {};
  const address = operation.path.replaceAll(/:(\w+)/g, (_, name: string) => {
    if (name === "queue") return encodeURIComponent(queue);
    const value = rest[name];
    delete rest[name];
    return typeof value === "string" && value !== "" && value.isWellFormed() ? encodeURIComponent(value) : NO_NAME;
  });
  if (method === "GET" || method === "DELETE") {
    const query = isObject(body) ? queryOf(rest) : "?unknown=1";
    return { method, path: address + query, body: null, contentType: "application/json" };
  }
  return { method, path: address, body: JSON.stringify(isObject(body) ? rest : body), contentType: "application/json" };
}

export function message(operation: Operation, body: unknown, id: number): Body {
  return { id, op: operation.op, body };
}

/**
 * Whether a wrong value is still wrong as text in a query, where all values are texts: `true` is there what "true" is, and a
 * number may be a name.
 */
export function isWrongInQuery(value: unknown): boolean {
  if (typeof value === "number") return value !== 0;
  return typeof value === "string" && value.isWellFormed() && !/^(true|false|\d+)$/.test(value);
}

export function randomQueueName(random: Random): string {
  return `fuzz-${random.below(5)}`;
}

export function isObject(value: unknown): value is Body {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function queryOf(fields: Body): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields))
    if (value !== undefined) query.set(name, typeof value === "string" ? value : JSON.stringify(value));
  return query.size === 0 ? "" : `?${query.toString()}`;
}
