// For every route a request that succeeds: the declared example, about what is there. What walks all routes (each answers, each
// refuses bad bodies) begins here.

import { exampleParts, hasQuery } from "../../src/api/endpoint-facts.ts";
import { ENDPOINTS } from "../../src/api/openapi.ts";
import { EXAMPLE } from "../../src/api/operations/examples.ts";
import type { Endpoint } from "../../src/api/operation.ts";

type Place = Pick<Endpoint, "method" | "path">;

/** A queue that is asked over HTTP, wherever it runs. */
interface AskedQueue {
  readonly name: string;
  enqueue(task: Readonly<Record<string, unknown>>): Promise<unknown>;
  claimOne(): Promise<{ readonly claim: string; readonly id: string }>;
  send(method: string, rest: string, body: unknown): Promise<unknown>;
}

/** What the examples find in their queue. */
export interface Prepared {
  /** A claim token that is held. */
  readonly claim: string;
  /** The id of a task that is free, at version 1. */
  readonly id: string;
  /** The id of a task that is claimed. */
  readonly heldId: string;
  /** The key of a document. */
  readonly key: string;
}

export interface Example {
  readonly status: number;
  /** Absent: the route takes no body of JSON. */
  readonly body?: (prepared: Prepared) => Readonly<Record<string, unknown>>;
}

/** A queue with a claimed task, a free one and a document. */
export async function prepare(queue: AskedQueue): Promise<Prepared> {
  await queue.enqueue({ payload: "claimed" });
  const { claim, id: heldId } = await queue.claimOne();
  await queue.enqueue({ payload: "free", id: "free" });
  await queue.send("PUT", "/documents/place", { value: 1 });
  return { claim, id: "free", heldId, key: "place" };
}

/** Where the declared example would not do: a body to which fields are added, or a route that answers in its own way. */
const OWN: Readonly<Record<string, Example>> = {
  "POST /v1/queues/:queue/tasks": { status: 201, body: () => ({ payload: 1 }) },
  "POST /v1/queues/:queue/modify": { status: 200, body: () => ({ insert: [{ payload: 1 }] }) },
  "PATCH /v1/queues/:queue/tasks/:id": { status: 200, body: () => ({ version: 1, payload: 2 }) },
  // Where the tests run there is no record of earlier moments.
  "POST /v1/queues/:queue/rewind": { status: 501, body: () => ({ to: Date.now() }) },
  "GET /v1/queues/:queue/socket": { status: 426 },
  "GET /v1/overview/socket": { status: 426 },
  "GET /docs": { status: 200 },
  "GET /metrics": { status: 200 },
};

export function exampleOf({ method, path }: Place): Example {
  const own = OWN[`${method} ${path}`];
  if (own !== undefined) return own;
  const endpoint = ENDPOINTS.find((declared) => declared.method === method && declared.path === path);
  if (endpoint === undefined) throw new Error(`${method} ${path} has no example`);
  const text = JSON.stringify(exampleParts(endpoint).rest);
  const body = ({ claim }: Prepared): Readonly<Record<string, unknown>> =>
    JSON.parse(text.replaceAll(EXAMPLE.claim, claim).replaceAll(EXAMPLE.otherClaim, claim)) as Record<string, unknown>;
  return { status: endpoint.status, ...(hasQuery(endpoint) ? {} : { body }) };
}

/** The route's path for one queue, its free task and its document. */
export function pathOf(
  { path }: Pick<Place, "path">,
  queue: AskedQueue,
  { id, heldId, key }: Omit<Prepared, "claim">,
): string {
  const named = path.endsWith("/release") ? heldId : id;
  return path.replace(":queue", queue.name).replace(":id", named).replace(":key", key);
}
