// The error document of each refusal of a queue: the same over HTTP, in a socket's frames and over a binding.

import type { ModifyFailure } from "../core/modify.ts";
import type { Refusal } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { failureProblem } from "./failure-problem.ts";
import type { InvalidCode } from "./invalid.ts";

interface BadInput {
  readonly code?: InvalidCode;
  readonly field: string;
  /** undefined: the field is missing. */
  readonly given: unknown;
  readonly allowed: string;
}

export function invalidProblem({ code = "invalid-request", field, given, allowed }: BadInput): Problem {
  const what = given === undefined ? "is missing" : `given ${JSON.stringify(given)}`;
  return problem(code, `${field}: ${what}, allowed: ${allowed}`, { field, given, allowed });
}

/** A new kind of refusal does not compile until it has a document here. */
export function refusalProblem(refusal: Refusal): Problem {
  switch (refusal.kind) {
    case "invalid":
      return invalidProblem(refusal);
    case "queue-not-found": {
      const { queue } = refusal;
      const named = queue === undefined ? "A queue" : JSON.stringify(queue);
      const detail = `${named} is created by its first task, or by PUT of its settings`;
      return problem("queue-not-found", detail, queue === undefined ? {} : { queue });
    }
    case "task-not-found":
      return problem("task-not-found", `No task ${JSON.stringify(refusal.id)} is in this queue`, { id: refusal.id });
    case "version-conflict": {
      const { id, version, state, claimedUntil } = refusal;
      const detail = `Task ${JSON.stringify(id)} is ${state}, at version ${version}`;
      return problem("version-conflict", detail, { id, version, state, claimedUntil });
    }
    case "dependency-failed": {
      const { failures } = refusal;
      const shown = failures.slice(0, SHOWN_FAILURES).map(failureText).join("; ");
      const detail =
        failures.length > SHOWN_FAILURES ? `${shown}; and ${failures.length - SHOWN_FAILURES} more` : shown;
      return problem("dependency-failed", detail, { failures });
    }
    case "document-not-found":
      return problem("document-not-found", `No document ${JSON.stringify(refusal.key)} is in this queue`, {
        key: refusal.key,
      });
    case "document-conflict": {
      const { key, version } = refusal;
      const state = version === 0 ? "does not exist (version 0)" : `is at version ${version}`;
      return problem("version-conflict", `Document ${JSON.stringify(key)} ${state}`, { key, version });
    }
    case "queue-paused":
      return problem("queue-paused", "Nothing is offered until the queue is resumed");
    case "queue-full": {
      const { what, limit } = refusal;
      return problem("queue-full", `The queue's limit is ${limit.toLocaleString("en")} ${what}`, { what, limit });
    }
    case "too-many-claims":
      return problem("too-many-claims", `The queue's limit is ${refusal.limit.toLocaleString("en")} claims in flight`, {
        limit: refusal.limit,
      });
    case "rate-limited": {
      const { kind: _kind, ...members } = refusal;
      const detail = `The queue's limit is ${refusal.limit.toLocaleString("en")} ${refusal.what}`;
      return problem("rate-limited", detail, members);
    }
    case "budget-reached": {
      const { kind: _kind, ...members } = refusal;
      const detail = `The queue has used up its budget (${refusal.by}) and goes on at ${new Date(refusal.until).toISOString()}`;
      return problem("budget-reached", detail, members);
    }
    case "call-forgotten": {
      const { number, from } = refusal;
      const remembered = from === null ? "nothing of this producer" : `this producer's calls from ${from} on`;
      const detail = `Call ${number} may have been made or not: the queue remembers ${remembered}`;
      return problem("call-forgotten", detail, { number, from });
    }
    case "call-reused": {
      const detail = "It asked for something else, and was answered; a new call needs a new number or key";
      return problem("call-reused", detail, { number: refusal.number });
    }
    case "export-ended":
      return problem(
        "export-ended",
        "Another export began, the queue was purged, or nobody asked for long: begin again",
      );
    case "queue-not-empty":
      return problem("queue-not-empty", "It holds tasks or documents; with `replace` they are deleted");
    case "overloaded":
      return problem("overloaded", refusal.reason);
    case "unfinished":
      return unfinishedProblem(refusal);
    default:
      return refusal satisfies never;
  }
}

function unfinishedProblem({ error, results }: Extract<Refusal, { kind: "unfinished" }>): Problem {
  const known = failureProblem({ message: error });
  const detail =
    "It failed on its way: `results` has the claims that it had come to, and nothing was done with the others";
  const { code, retryAfterMs } = known ?? { code: "internal" as const };
  return problem(code, detail, { ...(retryAfterMs === undefined ? {} : { retryAfterMs }), results });
}

/** The detail is for people; `failures` has them all. */
const SHOWN_FAILURES = 3;

function failureText({ operation, index, id, key, reason, version, claimedUntil }: ModifyFailure): string {
  const name = key === undefined ? (id === undefined ? "" : ` (task ${JSON.stringify(id)})`) : ` (document ${key})`;
  const more = [
    version === undefined ? [] : [`at version ${version}`],
    claimedUntil === undefined ? [] : [`until ${new Date(claimedUntil).toISOString()}`],
  ].flat();
  return `${operation}[${index}]${name}: ${[reason, ...more].join(", ")}`;
}

const REFUSALS: Readonly<Record<Refusal["kind"], true>> = {
  invalid: true,
  "queue-not-found": true,
  "task-not-found": true,
  "version-conflict": true,
  "dependency-failed": true,
  "document-not-found": true,
  "document-conflict": true,
  "queue-paused": true,
  "queue-full": true,
  "too-many-claims": true,
  "rate-limited": true,
  "budget-reached": true,
  "call-forgotten": true,
  "call-reused": true,
  "export-ended": true,
  "queue-not-empty": true,
  overloaded: true,
  unfinished: true,
};
const REFUSED: ReadonlySet<string> = new Set(Object.keys(REFUSALS));

export function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return REFUSED.has(outcome.kind);
}
