// Which server is meant, and with what token: from options, else from the environment.

import { ForeignAnswerError, ProblemError, Queue, UnreachableError, type Problem } from "../client/index.ts";

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
  readonly signal?: AbortSignal;
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
  const { url, token } = connection;
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${url.replace(/\/+$/, "")}${path}`, {
      method,
      headers: {
        ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal === undefined ? {} : { signal }),
    });
    text = await response.text();
  } catch (error) {
    throw new UnreachableError(1, error);
  }
  const document = documentIn(text);
  if (response.ok && document !== null) return document as Answer;
  if (document !== null && typeof document["code"] === "string") {
    const problem = document as unknown as Problem;
    throw new ProblemError(problem.code, problem, null);
  }
  const type = response.headers.get("content-type") ?? "no type";
  throw new ForeignAnswerError(
    new Error(`${url} answered HTTP ${response.status} (${type}), which is no answer of edgeq's`),
  );
}

/** null: it is no JSON object. */
function documentIn(text: string): Record<string, unknown> | null {
  try {
    const document: unknown = JSON.parse(text);
    return typeof document === "object" ? (document as Record<string, unknown> | null) : null;
  } catch {
    return null;
  }
}
