// The transport over HTTP, by the platform's own fetch.

import type { Problem } from "../protocol/problem.ts";
import type { WireAnswer, WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import { InvalidOptionError, shown } from "./edgeq-error.ts";
import { httpRequest, type HttpRequest } from "./http-request.ts";
import { functionOption, knownOptions } from "./option.ts";
import { jsonBody } from "./payload.ts";
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
  /**
   * Sent as a bearer token; a function is asked before each call, so that a token may change. One that throws counts as no
   * answer: the call is tried again as its retries say.
   */
  readonly token?: string | (() => string | Promise<string>) | undefined;
  /** Default: the platform's fetch. */
  readonly fetch?: Fetch | undefined;
}

export const HTTP_OPTIONS = ["url", "token", "fetch"] as const satisfies readonly (keyof HttpTransportOptions)[];

export class HttpTransport implements Transport {
  declare readonly endpoint: Endpoint;
  readonly #fetch: Fetch;

  /** Throws InvalidOptionError. */
  constructor(options: HttpTransportOptions) {
    knownOptions("options", options, HTTP_OPTIONS);
    const url = baseOf(options.url);
    const token = checkedToken(options.token);
    this.endpoint = { url, token: () => madeToken(token) };
    // Called as a function of its own: a browser's fetch refuses another `this`.
    this.#fetch = functionOption("fetch", options.fetch) ?? ((address, init) => fetch(address, init));
  }

  /** @param text the body as JSON, where it is known already */
  async call<Name extends WireOperationName>(
    queue: string,
    operation: Name,
    body: WireBody<Name>,
    { signal }: CallOptions,
    text?: string,
  ): Promise<CallOutcome<WireAnswer<Name>>> {
    const { method, path, query, body: sent } = httpRequest(operation, body);
    return httpOutcome(
      this.endpoint,
      this.#fetch,
      {
        method,
        path: `/v1/queues/${encodeURIComponent(queue)}${path}${queryOf(query)}`,
        // Most operations send their body as it is; the rest have parts of it in the path.
        body: sent && ((sent === body && text) || jsonBody(sent)),
        signal,
      },
      isAnswer,
    );
  }
}

/** What is asked of a server by HTTP. */
export interface HttpAsked {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** JSON. */
  readonly body?: string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Sends one request. Rejects when no response comes. @param isExpected whether a document may be the answer to it */
export async function httpOutcome<Answer>(
  { url, token: currentToken }: Endpoint,
  send: Fetch,
  { method, path, body, signal }: HttpAsked,
  isExpected: (document: unknown) => boolean,
): Promise<CallOutcome<Answer>> {
  const token = await currentToken();
  const response = await send(url + path, {
    method,
    headers: {
      accept: "application/json",
      ...(body && { "content-type": "application/json" }),
      ...(token && { authorization: `Bearer ${token}` }),
    },
    ...(body && { body }),
    ...(signal && { signal }),
  });
  const { status, headers } = response;
  const text = await response.text();
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    // It is no JSON, and stays undefined.
  }
  const isOk = status >= 200 && status < 300;
  if (isOk && isExpected(document)) return { kind: "answer", answer: document as Answer };
  const askedMs = retryAfterMs(headers.get("retry-after") ?? "", headers.get("date"));
  if (isProblem(document)) return { kind: "problem", problem: document, retryAfterMs: askedMs };
  const type = headers.get("content-type") ?? "";
  const came = `HTTP ${status} (${type || "no type"}) ${shown(text)}`;
  const cause = new Error(`${url} answered ${came}, which is no answer of edgeq's`);
  // A gateway that cannot reach the server, or holds requests back.
  const isGateway = /^(408|429|5)/.test(`${status}`);
  // JSON that is none: the connection ended within the answer.
  const isCutOff = isOk && document === undefined && /^$|json/i.test(type);
  return isGateway || isCutOff ? { kind: "unreachable", cause, retryAfterMs: askedMs } : { kind: "foreign", cause };
}

/** Each answer of edgeq's has one of these fields, and that of another API hardly. */
const ANSWERED =
  /^(tasks|results|acks|inserted|id|documents|keys?|settings|points|prices|consumers|messages|records|tag)$/;

/** Whether it may be the answer to an operation. */
export function isAnswer(document: unknown): boolean {
  return Object.keys(Object(document)).some((field) => ANSWERED.test(field));
}

function isProblem(document: unknown): document is Problem {
  const given = document as Partial<Problem> | null | undefined;
  return typeof given?.code === "string" && typeof given.status === "number";
}

/** Seconds or a date (RFC 9110, section 10.2.3), which counts from the server's own `date`: clocks need not agree. */
function retryAfterMs(header: string, date: string | null): number | null {
  const ms = /^\d{1,9}$/.test(header)
    ? Number(header) * 1_000
    : Date.parse(header) - (date === null ? Date.now() : Date.parse(date));
  return Number.isNaN(ms) ? null : Math.max(0, ms);
}

/** Without what is undefined, as JSON leaves it out. */
function queryOf(query: HttpRequest["query"]): string {
  const text = String(new URLSearchParams(JSON.parse(jsonBody({ ...query })) as Record<string, string>));
  return text && `?${text}`;
}

function baseOf(url: unknown): string {
  try {
    const { href } = new URL(String(url));
    if (/^https?:[^?#]+$/.test(href)) return href.replace(/\/+$/, "");
  } catch {
    // Said below.
  }
  throw new InvalidOptionError("url", url, "an http(s) URL without query");
}

async function madeToken(token: HttpTransportOptions["token"]): Promise<string | undefined> {
  if (typeof token !== "function") return token;
  try {
    return checkedToken(await token());
  } catch (error) {
    throw new Error("the token function failed", { cause: error });
  }
}

function checkedToken<Token>(token: Token): Token {
  if (token === undefined || typeof token === "function") return token;
  if (typeof token === "string" && /^[\x21-\x7e]+$/.test(token)) return token;
  // The value is a secret: not shown.
  throw new InvalidOptionError("token", typeof token, "a token without spaces, or a function");
}
