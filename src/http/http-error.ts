// A request that gets an error document, and how refusals of the queue become one. Only `http/` knows statuses.

import type { Refusal } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import type { InvalidInput } from "../wire/invalid.ts";

/** Thrown by anything that handles a request; the router answers with its problem. */
export class HttpError extends Error {
  readonly problem: Problem;
  readonly headers: Readonly<Record<string, string>>;

  constructor(document: Problem, headers: Readonly<Record<string, string>> = {}) {
    super(document.detail);
    this.problem = document;
    this.headers = headers;
  }
}

/** Seconds after which trying again makes sense, for what passes by itself. */
const RETRY_AFTER_S = "1";

export function invalid({ field, given, allowed }: Omit<InvalidInput, "kind">): HttpError {
  const detail = `${field}: given ${JSON.stringify(given)}, allowed: ${allowed}`;
  return new HttpError(problem("invalid-request", detail, { field, given, allowed }));
}

/** The error of each refusal. A new kind of refusal does not compile until it has one. */
export function refused(refusal: Refusal): HttpError {
  const retry = { "retry-after": RETRY_AFTER_S };
  switch (refusal.kind) {
    case "invalid":
      return invalid(refusal);
    case "queue-not-found":
      return new HttpError(
        problem("queue-not-found", "A queue is created by its first task, or by PUT of its settings"),
      );
    case "task-not-found":
      return new HttpError(
        problem("task-not-found", `No task ${JSON.stringify(refusal.id)} is in this queue`, { id: refusal.id }),
      );
    case "version-conflict": {
      const { id, version, state, claimedUntil } = refusal;
      const detail = `Task ${JSON.stringify(id)} is ${state}, at version ${version}`;
      return new HttpError(problem("version-conflict", detail, { id, version, state, claimedUntil }));
    }
    case "queue-paused":
      return new HttpError(problem("queue-paused", "Nothing is offered until the queue is resumed"), retry);
    case "queue-full": {
      const { what, limit } = refusal;
      return new HttpError(problem("queue-full", `The queue's limit is ${limit} ${what}`, { what, limit }), retry);
    }
    case "too-many-claims": {
      const { limit } = refusal;
      return new HttpError(
        problem("too-many-claims", `The queue's limit is ${limit} claims in flight`, { limit }),
        retry,
      );
    }
    case "overloaded":
      return new HttpError(problem("overloaded", refusal.reason), retry);
    default:
      return refusal satisfies never;
  }
}

/** The answer of an operation, or its refusal as an error. */
export function answered<Outcome extends { readonly kind: string }>(outcome: Outcome): Exclude<Outcome, Refusal> {
  if (isRefusal(outcome)) throw refused(outcome);
  return outcome as Exclude<Outcome, Refusal>;
}

const REFUSALS: Readonly<Record<Refusal["kind"], true>> = {
  invalid: true,
  "queue-not-found": true,
  "task-not-found": true,
  "version-conflict": true,
  "queue-paused": true,
  "queue-full": true,
  "too-many-claims": true,
  overloaded: true,
};

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return Object.hasOwn(REFUSALS, outcome.kind);
}
