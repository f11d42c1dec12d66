// The requests that one holder of a token may make in a second, wherever they are counted: by the Worker for requests, by a queue's object for frames.

import { LIMITS } from "../core/limits.ts";
import type { InputOf, OperationName } from "../core/operation.ts";
import { putLast } from "../core/put-last.ts";
import { RequestRate } from "../core/request-rate.ts";
import { tasksWritten } from "../core/tasks-written.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import type { Grant } from "./grant.ts";

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

  /** A request has come. null: it may go on; else why not, and with `retryAfterMs` when it may. */
  request(): Problem | null {
    return this.#requests === null ? null : taken(this.#requests, "requests", this.#now(), 1);
  }

  /** A request's input is known. null: it may write its tasks. */
  tasks<Name extends OperationName>(name: Name, input: InputOf<Name>): Problem | null {
    if (this.#tasks === null) return null;
    const count = tasksWritten(name, input);
    return count === 0 ? null : taken(this.#tasks, "tasks", this.#now(), count);
  }
}

/** One quota for all tokens of a holder that have the same limits, and for all its sockets: another, or one opened anew, gives no more. */
export class Quotas {
  readonly #now: () => number;
  /** The one asked for longest ago goes first. */
  readonly #kept = new Map<string, Quota>();

  /** @param now in ms */
  constructor(now: () => number) {
    this.#now = now;
  }

  of(grant: Grant): Quota {
    const { owner, requestsPerSecond, tasksPerSecond } = grant;
    const isLimited = requestsPerSecond !== undefined || tasksPerSecond !== undefined;
    if (!isLimited || owner === undefined) return new Quota(grant, this.#now);
    const name = `${owner} ${requestsPerSecond} ${tasksPerSecond}`;
    const quota = this.#kept.get(name) ?? new Quota(grant, this.#now);
    putLast(this.#kept, name, quota, LIMITS.verifiedTokens);
    return quota;
  }
}

function taken(rate: RequestRate, what: string, now: number, count: number): Problem | null {
  const retryAfterMs = rate.take(now, count);
  if (retryAfterMs === 0) return null;
  const detail = `The token's limit is ${rate.perSecond} ${what} a second`;
  return problem("rate-limited", detail, { limit: rate.perSecond, retryAfterMs });
}
