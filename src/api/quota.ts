// What one token may ask for in a second, wherever it is counted: by the Worker for requests, by a queue's object for frames.

import type { InputOf, OperationName } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import type { Grant } from "./grant.ts";
import { RequestRate } from "./request-rate.ts";

/** Too soon, and after how many ms it is not. */
export interface TooSoon {
  readonly problem: Problem;
  readonly retryAfterMs: number;
}

export class Quota {
  readonly #now: () => number;
  readonly #requests: RequestRate | null;
  readonly #tasks: RequestRate | null;

  /** @param now in ms; read only by those who are limited */
  constructor({ requestsPerSecond, tasksPerSecond }: Grant, now: () => number) {
    this.#now = now;
    this.#requests = requestsPerSecond === undefined ? null : new RequestRate(requestsPerSecond, now());
    this.#tasks = tasksPerSecond === undefined ? null : new RequestRate(tasksPerSecond, now());
  }

  /** A request has come. null: it may go on. */
  request(): TooSoon | null {
    return this.#requests === null ? null : taken(this.#requests, "requests", this.#now(), 1);
  }

  /** A request's input is known. null: it may write its tasks. */
  tasks<Name extends OperationName>(name: Name, input: InputOf<Name>): TooSoon | null {
    if (this.#tasks === null) return null;
    const count = WRITTEN[name]?.(input) ?? 0;
    return count === 0 ? null : taken(this.#tasks, "tasks", this.#now(), count);
  }
}

/** How many tasks an input writes. An operation that is not here writes none anew. */
const WRITTEN: { readonly [Name in OperationName]?: (input: InputOf<Name>) => number } = {
  enqueue: ({ tasks }) => tasks.length,
  modify: ({ insert }) => insert.filter((item) => "task" in item).length,
};

function taken(rate: RequestRate, what: string, now: number, count: number): TooSoon | null {
  const retryAfterMs = rate.take(now, count);
  if (retryAfterMs === 0) return null;
  const detail = `The token's limit is ${rate.perSecond} ${what} a second`;
  return { problem: problem("rate-limited", detail, { limit: rate.perSecond }), retryAfterMs };
}
