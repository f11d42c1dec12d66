// The error document of each refusal of a queue: the same over HTTP, in a socket's frames and over a binding.

import type { ModifyFailure } from "../core/modify.ts";
import type { Refusal } from "../core/operation.ts";
import { thousands } from "../core/thousands.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { failureProblem, storageFullProblem } from "./failure-problem.ts";
import type { InvalidInput } from "./invalid.ts";

type BadInput = Pick<InvalidInput, "field" | "given" | "allowed"> & Partial<Pick<InvalidInput, "code">>;

export function invalidProblem({ code = "invalid-request", field, given, allowed }: BadInput): Problem {
  const what = given === undefined ? "is missing" : `given ${JSON.stringify(given)}`;
  return problem(code, `${field}: ${what}, allowed: ${allowed}`, { field, given, allowed });
}

/** A new kind of refusal does not compile until it has a document here. */
const DOCUMENTS: { readonly [Kind in Refusal["kind"]]: (refusal: Extract<Refusal, { kind: Kind }>) => Problem } = {
  invalid: invalidProblem,
  "queue-not-found": ({ queue }) => {
    const named = queue === undefined ? "A queue" : JSON.stringify(queue);
    const detail = `${named} is created by its first task, or by PUT of its settings`;
    return problem("queue-not-found", detail, queue === undefined ? {} : { queue });
  },
  "task-not-found": ({ id }) => problem("task-not-found", `No task ${JSON.stringify(id)} is in this queue`, { id }),
  "version-conflict": ({ id, version, state, claimedUntil }) => {
    const detail = `Task ${JSON.stringify(id)} is ${state}, at version ${version}`;
    return problem("version-conflict", detail, { id, version, state, claimedUntil });
  },
  "dependency-failed": ({ failures }) => {
    const shown = failures.slice(0, SHOWN_FAILURES).map(failureText).join("; ");
    const more = failures.length > SHOWN_FAILURES ? `; and ${failures.length - SHOWN_FAILURES} more` : "";
    return problem("dependency-failed", shown + more, { failures });
  },
  "document-not-found": ({ key }) =>
    problem("document-not-found", `No document ${JSON.stringify(key)} is in this queue`, { key }),
  "document-conflict": ({ key, version }) => {
    const state = version === 0 ? "does not exist (version 0)" : `is at version ${version}`;
    return problem("version-conflict", `Document ${JSON.stringify(key)} ${state}`, { key, version });
  },
  "queue-paused": () => problem("queue-paused", "Nothing is offered until the queue is resumed"),
  "queue-full": ({ what, limit }) =>
    problem("queue-full", `The queue's limit is ${thousands(limit)} ${what}`, { what, limit }),
  "storage-full": storageFullProblem,
  "too-many-claims": ({ limit }) =>
    problem("too-many-claims", `The queue's limit is ${thousands(limit)} claims in flight`, { limit }),
  "rate-limited": ({ kind: _kind, ...members }) => {
    const detail = `The queue's limit is ${thousands(members.limit)} ${members.what}`;
    return problem("rate-limited", detail, members);
  },
  "budget-reached": ({ kind: _kind, ...members }) => {
    const until = new Date(members.until).toISOString();
    const detail = `The queue has used up its budget (${members.by}) and goes on at ${until}`;
    return problem("budget-reached", detail, members);
  },
  "call-forgotten": ({ number, from }) => {
    const remembered = from === null ? "nothing of this producer" : `this producer's calls from ${from} on`;
    const detail = `Call ${number} may have been made or not: the queue remembers ${remembered}`;
    return problem("call-forgotten", detail, { number, from });
  },
  "call-reused": ({ number }) => {
    const detail = "It asked for something else, and was answered; a new call needs a new number or key";
    return problem("call-reused", detail, { number });
  },
  "export-ended": () =>
    problem("export-ended", "Another export began, the queue was purged, or nobody asked for long: begin again"),
  "queue-not-empty": () => problem("queue-not-empty", "It holds tasks or documents; with `replace` they are deleted"),
  overloaded: ({ reason, retryAfterMs }) =>
    problem("overloaded", reason, retryAfterMs === undefined ? {} : { retryAfterMs }),
  unfinished: unfinishedProblem,
};

export function refusalProblem(refusal: Refusal): Problem {
  // Each is given the refusal of its own kind, which the compiler does not follow through the table.
  return DOCUMENTS[refusal.kind](refusal as never);
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
  const at = version === undefined ? "" : `, at version ${version}`;
  const until = claimedUntil === undefined ? "" : `, until ${new Date(claimedUntil).toISOString()}`;
  return `${operation}[${index}]${name}: ${reason}${at}${until}`;
}

const REFUSED: ReadonlySet<string> = new Set(Object.keys(DOCUMENTS));

export function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return REFUSED.has(outcome.kind);
}
