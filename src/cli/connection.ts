// Which server is meant, and with what token: from options, else from the environment.

import { Queue, UnreachableError } from "../client/index.ts";

export const DEFAULT_URL = "http://127.0.0.1:8787";

export interface GlobalOptions {
  readonly url: string;
  readonly token?: string;
  readonly json?: boolean;
}

/** @param idempotent false: sent tasks get no ids by which a repeated request is known */
export function connect(queue: string, { url, token }: GlobalOptions, idempotent = true): Queue {
  return new Queue(queue, { url, idempotent, ...(token === undefined ? {} : { token }) });
}

/**
 * One request beside the queue's own operations.
 *
 * @throws {UnreachableError}
 */
export async function request(path: string, { url, token }: GlobalOptions, signal?: AbortSignal): Promise<Response> {
  try {
    return await fetch(`${url.replace(/\/+$/, "")}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    throw new UnreachableError(1, error);
  }
}
