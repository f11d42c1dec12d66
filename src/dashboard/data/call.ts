// How the page asks the server: the client's own HTTP transport, with the header that proves a request to be the page's. What a
// call learns on the way, that the login has ended or that nobody answers, is kept here once for the whole page.

import { signal } from "@preact/signals";
import { httpOutcome, HttpTransport, type Fetch } from "../../client/http-transport.ts";
import type { CallOutcome } from "../../client/transport.ts";
import type { Problem } from "../../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../../protocol/wire-operations.ts";
import { PAGE_HEADER } from "../serve/own-page.ts";

/** Since when the server has not answered, ms since 1970; null: it does. */
export const goneSince = signal<number | null>(null);
/** The problem that asks for a login, or says that there can be none; null: calls are let in. */
export const shutOut = signal<Problem | null>(null);

/** A call that was refused, or got no answer. */
export class CallError extends Error {
  /** null: no answer came. */
  readonly problem: Problem | null;

  constructor(problem: Problem | null, message: string, cause?: unknown) {
    super(message, { cause });
    this.problem = problem;
  }

  get code(): string {
    return this.problem?.code ?? "unreachable";
  }
}

const pageFetch: Fetch = async (url, init) =>
  fetch(url, { ...init, headers: { ...init.headers, [PAGE_HEADER]: "1" }, cache: "no-store" });

const transport = new HttpTransport({ url: location.origin, fetch: pageFetch });

/**
 * Runs one operation on one queue.
 *
 * @throws {CallError} when it is refused or nobody answers; the signal's reason when that is aborted
 */
export function call<Name extends WireOperationName>(
  queue: string,
  operation: Name,
  body: WireBody<Name>,
  abort?: AbortSignal,
): Promise<WireAnswer<Name>> {
  return answerOf(transport.call(queue, operation, body, abort === undefined ? {} : { signal: abort }), abort);
}

/**
 * One request beside the queue's own operations, such as the list of queues.
 *
 * @throws {CallError} as `call`
 */
export function request(method: string, path: string, body?: unknown, abort?: AbortSignal): Promise<unknown> {
  const asked = { method, path, body: JSON.stringify(body) as string | undefined, signal: abort };
  return answerOf(
    httpOutcome(transport.endpoint, pageFetch, asked, (document) => document !== undefined),
    abort,
  );
}

async function answerOf<Answer>(asked: Promise<CallOutcome<Answer>>, abort: AbortSignal | undefined): Promise<Answer> {
  const outcome = await asked.catch((error: unknown) => {
    throw abort?.aborted === true ? abort.reason : unreachable(error);
  });
  if (outcome.kind === "answer") {
    goneSince.value = null;
    return outcome.answer;
  }
  throw outcome.kind === "problem" ? refused(outcome.problem) : unreachable(outcome.cause);
}

function refused(problem: Problem): CallError {
  goneSince.value = null;
  if (problem.code === "unauthorized" || problem.code === "auth-not-configured") shutOut.value = problem;
  return new CallError(problem, problem.detail);
}

/** The browser's own message ("Failed to fetch") does not help a reader, and does not show whether the request had arrived. */
function unreachable(cause: unknown): CallError {
  goneSince.value ??= Date.now();
  return new CallError(null, "The server does not answer, and what was asked may or may not have been done", cause);
}
