// The queue's HTTP API as the demo needs it: plain fetch, no client, so that it shows what a program in any language does.

import { setTimeout as wait } from "node:timers/promises";
import { CommandError } from "../../src/serve/command-error.ts";

export interface QueueApi {
  /** Posts to `/v1/queues/{queue}/{path}`. */
  post<Answer>(path: string, body: unknown, options?: CallOptions): Promise<Answer>;
  put(body: unknown): Promise<unknown>;
  get<Answer>(): Promise<Answer>;
  delete(): Promise<unknown>;
}

interface CallOptions {
  readonly signal?: AbortSignal;
  /** How often to try while the connection fails or the answer says to try later. Default 8; 1 for what must not be asked twice. */
  readonly attempts?: number;
}

export interface QueueAddress {
  readonly url: string;
  readonly queue: string;
  readonly token?: string | undefined;
}

const ATTEMPTS = 8;
const FIRST_WAIT_MS = 50;

export function queueApi({ url, queue, token }: QueueAddress): QueueApi {
  const base = `${url}/v1/queues/${queue}`;
  const headers = {
    "content-type": "application/json",
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };

  async function call(method: string, path: string, body?: unknown, options: CallOptions = {}): Promise<unknown> {
    const { signal = null, attempts = ATTEMPTS } = options;
    const text = body === undefined ? null : JSON.stringify(body);
    for (let attempt = 1; ; attempt += 1) {
      const isLast = attempt === attempts;
      const response = await fetch(base + path, { method, headers, body: text, signal }).catch((error: unknown) => {
        if (signal?.aborted === true) throw error;
        if (isLast) throw new CommandError(`${method} ${base}${path}: ${String(error)}`);
        return null;
      });
      if (response?.ok === true) return response.json();
      const mayPass = response === null || response.status === 429 || response.status >= 500;
      const answer = await response?.text();
      if (isLast || !mayPass) throw new CommandError(`${method} ${base}${path}: ${response?.status} ${answer}`);
      await wait(FIRST_WAIT_MS * 2 ** (attempt - 1));
    }
  }

  return {
    post: async <Answer>(path: string, body: unknown, options?: CallOptions) =>
      (await call("POST", `/${path}`, body, options)) as Answer,
    put: (body) => call("PUT", "", body),
    get: async <Answer>() => (await call("GET", "")) as Answer,
    delete: () => call("DELETE", ""),
  };
}
