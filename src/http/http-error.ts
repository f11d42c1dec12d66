// A request that gets an error document, and how refusals of the queue become one. Only `http/` knows statuses.

import type { ModifyFailure } from "../core/modify.ts";
import type { Refusal } from "../core/operation.ts";
import { problem, type Problem } from "../protocol/problem.ts";
import { shownText, type InvalidCode, type Parsed } from "../wire/invalid.ts";

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

interface BadInput {
  readonly code?: InvalidCode;
  readonly field: string;
  /** undefined: the field is missing. */
  readonly given: unknown;
  readonly allowed: string;
}

export function invalid({ code = "invalid-request", field, given, allowed }: BadInput): HttpError {
  const what = given === undefined ? "is missing" : `given ${JSON.stringify(given)}`;
  return new HttpError(problem(code, `${field}: ${what}, allowed: ${allowed}`, { field, given, allowed }));
}

/** The value, or the error that names the field. */
export function valueOf<Value>(result: Parsed<Value>): Value {
  if (result.kind === "invalid") throw invalid(result);
  return result.value;
}

/** A content type that is not taken here. */
export function unsupported(given: string, allowed: string): HttpError {
  const type = shownText(given);
  const detail = `content-type: given ${JSON.stringify(type)}, allowed: ${allowed}`;
  return new HttpError(problem("unsupported-media-type", detail, { field: "content-type", given: type, allowed }));
}

/** The error of each refusal. A new kind of refusal does not compile until it has one. */
export function refused(refusal: Refusal): HttpError {
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
    case "dependency-failed": {
      const { failures } = refusal;
      const shown = failures.slice(0, SHOWN_FAILURES).map(failureText).join("; ");
      const detail =
        failures.length > SHOWN_FAILURES ? `${shown}; and ${failures.length - SHOWN_FAILURES} more` : shown;
      return new HttpError(problem("dependency-failed", detail, { failures }));
    }
    case "document-not-found":
      return new HttpError(
        problem("document-not-found", `No document ${JSON.stringify(refusal.key)} is in this queue`, {
          key: refusal.key,
        }),
      );
    case "document-conflict": {
      const { key, version } = refusal;
      const state = version === 0 ? "does not exist (version 0)" : `is at version ${version}`;
      return new HttpError(problem("version-conflict", `Document ${JSON.stringify(key)} ${state}`, { key, version }));
    }
    case "queue-paused":
      return new HttpError(problem("queue-paused", "Nothing is offered until the queue is resumed"));
    case "queue-full": {
      const { what, limit } = refusal;
      return new HttpError(problem("queue-full", `The queue's limit is ${limit} ${what}`, { what, limit }));
    }
    case "too-many-claims": {
      const { limit } = refusal;
      return new HttpError(problem("too-many-claims", `The queue's limit is ${limit} claims in flight`, { limit }));
    }
    case "overloaded":
      return new HttpError(problem("overloaded", refusal.reason));
    default:
      return refusal satisfies never;
  }
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
  "dependency-failed": true,
  "document-not-found": true,
  "document-conflict": true,
  "queue-paused": true,
  "queue-full": true,
  "too-many-claims": true,
  overloaded: true,
};

function isRefusal(outcome: { readonly kind: string }): outcome is Refusal {
  return Object.hasOwn(REFUSALS, outcome.kind);
}
