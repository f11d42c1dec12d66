// For every route a request that succeeds. What walks all routes (each answers, each refuses bad bodies) begins here, and
// a route without an example fails those tests.

import type { Route } from "../../src/http/route.ts";
import type { QueueApi } from "./api.ts";

/** What the examples find in their queue. */
export interface Prepared {
  /** A claim token that is held. */
  readonly claim: string;
  /** The id of a task that is free, at version 1. */
  readonly id: string;
  /** The key of a document. */
  readonly key: string;
}

export interface Example {
  readonly status: number;
  /** Absent: the route takes no body of JSON. */
  readonly body?: (prepared: Prepared) => Readonly<Record<string, unknown>>;
}

/** A queue with a claimed task, a free one and a document. */
export async function prepare(queue: QueueApi): Promise<Prepared> {
  await queue.enqueue({ payload: "claimed" });
  const { claim } = await queue.claimOne();
  await queue.enqueue({ payload: "free", id: "free" });
  await queue.send("PUT", "/documents/place", { value: 1 });
  return { claim, id: "free", key: "place" };
}

const none = (): Record<string, unknown> => ({});

export const EXAMPLES: Readonly<Record<string, Example>> = {
  "POST /v1/queues/:queue/tasks": { status: 201, body: () => ({ payload: 1 }) },
  "POST /v1/queues/:queue/claim": { status: 200, body: none },
  "POST /v1/queues/:queue/ack": { status: 200, body: ({ claim }) => ({ claims: [claim] }) },
  "POST /v1/queues/:queue/nack": { status: 200, body: ({ claim }) => ({ claims: [{ claim }] }) },
  "POST /v1/queues/:queue/extend": {
    status: 200,
    body: ({ claim }) => ({ claims: [claim], claimTimeoutMs: 1_000 }),
  },
  "POST /v1/queues/:queue/settle": { status: 200, body: ({ claim }) => ({ acks: [claim], nacks: [{ claim }] }) },
  "POST /v1/queues/:queue/modify": { status: 200, body: () => ({ insert: [{ payload: 1 }] }) },
  "GET /v1/queues/:queue/documents": { status: 200 },
  "GET /v1/queues/:queue/documents/:key": { status: 200 },
  "PUT /v1/queues/:queue/documents/:key": { status: 200, body: () => ({ value: 2 }) },
  "DELETE /v1/queues/:queue/documents/:key": { status: 200 },
  "GET /v1/queues/:queue/outbox": { status: 200 },
  "POST /v1/queues/:queue/outbox/retry": { status: 200, body: none },
  "GET /v1/queues/:queue/tasks": { status: 200 },
  "GET /v1/queues/:queue/tasks/:id": { status: 200 },
  "PATCH /v1/queues/:queue/tasks/:id": { status: 200, body: () => ({ version: 1, payload: 2 }) },
  "DELETE /v1/queues/:queue/tasks/:id": { status: 200 },
  "PUT /v1/queues/:queue": { status: 200, body: none },
  "GET /v1/queues/:queue": { status: 200 },
  "DELETE /v1/queues/:queue": { status: 200 },
  "POST /v1/queues/:queue/purge": { status: 200, body: none },
  "POST /v1/queues/:queue/pause": { status: 200, body: none },
  "POST /v1/queues/:queue/resume": { status: 200, body: none },
  "POST /v1/queues/:queue/redrive": { status: 200, body: none },
  "GET /v1/queues/:queue/socket": { status: 426 },
  "GET /v1/queues": { status: 200 },
  "GET /v1/health": { status: 200 },
  "GET /v1/ready": { status: 200 },
  "GET /v1/openapi.json": { status: 200 },
  "GET /docs": { status: 200 },
};

export function exampleOf({ method, path }: Pick<Route, "method" | "path">): Example {
  const example = EXAMPLES[`${method} ${path}`];
  if (example === undefined) throw new Error(`${method} ${path} has no example in test/workers/route-examples.ts`);
  return example;
}

/** The route's path for one queue, its free task and its document. */
export function pathOf({ path }: Pick<Route, "path">, queue: QueueApi, { id, key }: Omit<Prepared, "claim">): string {
  return path.replace(":queue", queue.name).replace(":id", id).replace(":key", key);
}
