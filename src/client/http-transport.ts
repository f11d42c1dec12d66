// The transport over HTTP, by the platform's own fetch.

import type { Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { abortable } from "./abortable.ts";
import { InvalidOptionError } from "./edgeq-error.ts";
import { httpRequest, type HttpRequest } from "./http-request.ts";
import { functionOption, knownOptions } from "./option.ts";
import type { CallOptions, CallOutcome, Endpoint, Transport } from "./transport.ts";

/** What is used of fetch: the platform's, or any other of the same form. */
export type Fetch = (
  url: string,
  init: { method: string; headers: Record<string, string>; body?: string; signal?: AbortSignal },
) => Promise<{
  readonly status: number;
  readonly headers: { get(name: string): string | null };
  text(): Promise<string>;
}>;

export interface HttpTransportOptions {
  /** Where the server is: `https://queue.example.com`, with a path if the API is below one. */
  readonly url: string | URL;
  /** Sent as a bearer token; a function is asked before each call, so that a token may change. */
  readonly token?: string | (() => string | Promise<string>);
  /** Default: the platform's fetch. */
  readonly fetch?: Fetch;
}

export const HTTP_OPTIONS = ["url", "token", "fetch"] as const satisfies readonly (keyof HttpTransportOptions)[];

export class HttpTransport implements Transport {
  readonly endpoint: Endpoint;
  readonly #fetch: Fetch;

  /** Throws InvalidOptionError. */
  constructor(options: HttpTransportOptions) {
    knownOptions("options", options, HTTP_OPTIONS);
    const url = baseOf(options.url);
    const token = checkedToken(options.token);
    this.endpoint = { url, token: async () => (typeof token === "function" ? token() : token) };
    // Called as a function of its own: a browser's fetch refuses another `this`.
    this.#fetch = functionOption("fetch", options.fetch) ?? ((address, init) => fetch(address, init));
  }

  async call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    { signal }: CallOptions,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    const request = httpRequest(operation, body);
    const url = `${this.endpoint.url}/v1/queues/${encodeURIComponent(queue)}${request.path}${queryOf(request)}`;
    const token = await abortable(this.endpoint.token(), signal);
    try {
      const response = await this.#fetch(url, {
        method: request.method,
        headers: {
          accept: "application/json",
          ...(request.body === undefined ? {} : { "content-type": "application/json" }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
        },
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
        ...(signal === undefined ? {} : { signal }),
      });
      return outcomeOf(response.status, response.headers, await response.text());
    } catch (error) {
      if (signal?.aborted === true) throw signal.reason;
      return { kind: "unreachable", cause: error };
    }
  }
}

function outcomeOf<Answer>(
  status: number,
  headers: { get(name: string): string | null },
  text: string,
): CallOutcome<Answer> {
  const document = parsedOrUndefined(text);
  if (status >= 200 && status < 300 && document !== undefined) return { kind: "answer", answer: document as Answer };
  if (isProblem(document)) {
    return { kind: "problem", problem: document, retryAfterMs: retryAfterMs(headers.get("retry-after")) };
  }
  // Something between here and the server answered in its place, or the connection ended within the answer.
  return {
    kind: "unreachable",
    cause: new Error(`HTTP ${status} without an answer of edgeq's: ${text.slice(0, 200)}`),
  };
}

function parsedOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isProblem(document: unknown): document is Problem {
  if (typeof document !== "object" || document === null) return false;
  const { code, status } = document as Partial<Problem>;
  return typeof code === "string" && typeof status === "number";
}

/** Seconds or a date (RFC 9110, section 10.2.3). */
function retryAfterMs(header: string | null): number | null {
  if (header === null) return null;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1_000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}

function queryOf({ query }: HttpRequest): string {
  if (query === undefined) return "";
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) parameters.set(name, String(value));
  return parameters.size === 0 ? "" : `?${parameters.toString()}`;
}

function baseOf(url: unknown): string {
  try {
    const { protocol, href, search, hash } = new URL(String(url));
    if (/^https?:$/.test(protocol) && search === "" && hash === "") return href.replace(/\/+$/, "");
  } catch {
    // Said below.
  }
  throw new InvalidOptionError("url", url, "an http or https URL without query, such as https://queue.example.com");
}

function checkedToken(token: unknown): HttpTransportOptions["token"] {
  if (token === undefined || typeof token === "function") return token as HttpTransportOptions["token"];
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  // The value is a secret: not shown.
  throw new InvalidOptionError("token", typeof token, "a token without spaces, or a function that answers with one");
}
