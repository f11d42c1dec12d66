// The HTTP client of the load process. undici's `dispatch` with a handler of its own, which was the
// fastest of what Node has (see floor/compare-clients.ts and the README for the figures).
import { Pool, type Dispatcher } from "undici";

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

export interface HttpClient {
  send(
    method: "GET" | "POST" | "PUT" | "PATCH" | "DELETE",
    path: string,
    body: string | null,
    headers?: Readonly<Record<string, string>>,
  ): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** As many as requests are in flight in the busiest workload. */
export const httpConnections = 64;

/** `connections` keep-alive connections to one origin, one request at a time on each. */
export function httpClient(origin: string, connections: number): HttpClient {
  const pool = new Pool(origin, { connections, pipelining: 1 });
  return {
    send: (method, path, body, headers = {}) =>
      new Promise((resolve, reject) => {
        pool.dispatch({ method, path, body, headers }, new Collect(resolve, reject));
      }),
    close: () => pool.close(),
  };
}

/** Gathers one answer's body as text. */
class Collect implements Dispatcher.DispatchHandler {
  readonly #resolve: (answer: HttpAnswer) => void;
  readonly #reject: (reason: Error) => void;
  #status = 0;
  readonly #chunks: Buffer[] = [];

  constructor(resolve: (answer: HttpAnswer) => void, reject: (reason: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onRequestStart(): void {}

  onResponseStart(_controller: unknown, status: number): void {
    this.#status = status;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const [first] = this.#chunks;
    const body = this.#chunks.length === 1 && first ? first.toString() : Buffer.concat(this.#chunks).toString();
    this.#resolve({ status: this.#status, body });
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.#reject(error);
  }
}
