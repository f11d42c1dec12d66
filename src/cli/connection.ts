// Which server is meant, and with what token: from options, else from the environment.

import { failure } from "../client/caller.ts";
import { httpOutcome } from "../client/http-transport.ts";
import { HttpTransport, Queue, UnreachableError, type CallOutcome, type Endpoint } from "../client/index.ts";

export const DEFAULT_URL = "http://127.0.0.1:8787";

export interface GlobalOptions {
  readonly url: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** @param idempotent false: requests that send tasks get no number by which a repeated one is known */
export function connect(queue: string, { url, token }: GlobalOptions, idempotent = true): Queue {
  return new Queue(queue, { url, idempotent, ...(token === undefined ? {} : { token }) });
}

export interface OwnRequest {
  /** Default GET. */
  readonly method?: "GET" | "POST";
  /** Sent as JSON. */
  readonly body?: unknown;
  readonly signal?: AbortSignal | undefined;
}

/**
 * The answer to a request beside the queue's own operations.
 *
 * @throws {UnreachableError}
 * @throws {ProblemError} what the server refused
 * @throws {ForeignAnswerError} what answered is no edgeq
 */
export async function requestJson<Answer>(
  path: string,
  connection: GlobalOptions,
  { method = "GET", body, signal }: OwnRequest = {},
): Promise<Answer> {
  const asked = { method, path, body: JSON.stringify(body) as string | undefined, signal };
  let outcome: CallOutcome<Answer>;
  try {
    outcome = await httpOutcome(endpointOf(connection), fetch, asked, (document) => Object(document) === document);
  } catch (error) {
    throw new UnreachableError(1, error);
  }
  if (outcome.kind === "answer") return outcome.answer;
  throw failure(outcome, 1);
}

/** @throws {InvalidOptionError} */
export function endpointOf({ url, token }: GlobalOptions): Endpoint {
  return new HttpTransport({ url, token }).endpoint;
}
