// The error document of each refusal of a queue: the same over HTTP and in a socket's frames.

import type { Refusal } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import type { InvalidInput } from "./invalid.ts";

export function invalidProblem({ field, given, allowed }: Omit<InvalidInput, "kind">): Problem {
  const detail = `${field}: given ${JSON.stringify(given)}, allowed: ${allowed}`;
  return problem("invalid-request", detail, { field, given, allowed });
}

/** A new kind of refusal does not compile until it has its document. Never throws. */
export function refusalProblem(refusal: Refusal): Problem {
  switch (refusal.kind) {
    case "invalid":
      return invalidProblem(refusal);
    case "queue-not-found":
      return problem("queue-not-found", "A queue is created by its first task, or by PUT of its settings");
    case "task-not-found": {
      const { id } = refusal;
      return problem("task-not-found", `No task ${JSON.stringify(id)} is in this queue`, { id });
    }
    case "version-conflict": {
      const { id, version, state, claimedUntil } = refusal;
      const detail = `Task ${JSON.stringify(id)} is ${state}, at version ${version}`;
      return problem("version-conflict", detail, { id, version, state, claimedUntil });
    }
    case "queue-paused":
      return problem("queue-paused", "Nothing is offered until the queue is resumed");
    case "queue-full": {
      const { what, limit } = refusal;
      return problem("queue-full", `The queue's limit is ${limit} ${what}`, { what, limit });
    }
    case "too-many-claims": {
      const { limit } = refusal;
      return problem("too-many-claims", `The queue's limit is ${limit} claims in flight`, { limit });
    }
    case "overloaded":
      return problem("overloaded", refusal.reason);
    default:
      return refusal satisfies never;
  }
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

export function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return Object.hasOwn(REFUSALS, outcome.kind);
}
