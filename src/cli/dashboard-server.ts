// The dashboard on this machine for a server elsewhere: delivers the page and hands its requests and sockets on. It holds the token,
// so it answers nobody but the page that it delivered itself.

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { Readable, type Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { isFromOwnPage, isSocketOfOwnPage, PAGE_HEADER } from "../dashboard/serve/own-page.ts";
import { pageFileAt } from "../dashboard/serve/page-files.ts";
import type { GlobalOptions } from "./connection.ts";
import { handOnSocket, refuseSocket } from "./hand-on-socket.ts";

/** Headers of a request that are forwarded to the server; authentication is added anew. */
const HANDED_ON = ["accept", "content-type", "cookie"] as const;
/** What of an answer goes back. */
const HANDED_BACK = ["content-type", "retry-after", "cache-control", "www-authenticate"] as const;
const HOST = "127.0.0.1";
const NOT_THE_PAGE = "Only the dashboard's own page is answered here.";

/**
 * Listens on loopback.
 *
 * @param server the queue server's URL, and a token for it; without one the page asks for it
 * @param port 0: any that is free. Rejects with the error of `listen`, such as EADDRINUSE
 * @returns the address, and what stops it: its connections end with it
 */
export async function serveDashboard(
  { url, token }: GlobalOptions,
  port: number,
): Promise<{ readonly url: string; readonly stop: () => void }> {
  const base = new URL(url);
  const server = createServer((request, response) => {
    answer(request, response, base, token).catch((error: unknown) => fail(response, error));
  });
  const sockets = new Set<Duplex>();
  server.on("upgrade", (request, page: Duplex, head: Buffer) => {
    sockets.add(page);
    page.once("close", () => sockets.delete(page));
    if (isToHere(request) && isSocketOfOwnPage(headersOf(request)))
      handOnSocket(request, page, head, targetOf(base, request), token);
    else refuseSocket(page, 403, NOT_THE_PAGE);
  });
  await new Promise<void>((fulfil, reject) => {
    server.once("error", reject);
    server.listen(port, HOST, fulfil);
  });
  const address = server.address();
  const listening = typeof address === "object" && address !== null ? address.port : port;
  const stop = (): void => {
    server.close();
    server.closeAllConnections();
    // These are the server's no longer.
    for (const page of sockets) page.destroy();
  };
  return { url: `http://${HOST}:${listening}`, stop };
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  base: URL,
  token: string | undefined,
): Promise<void> {
  const { method = "GET", url: path = "/" } = request;
  if (!isToHere(request)) return refuse(response);
  const [name = "/"] = path.split("?");
  const file = method === "GET" ? pageFileAt(name) : null;
  if (file !== null) {
    response.writeHead(200, file.headers).end(file.body);
    return undefined;
  }
  if (!isFromOwnPage(headersOf(request))) return refuse(response);
  return handOn(request, response, targetOf(base, request), token);
}

/** A foreign name that resolves to this machine would make its page and this one the same origin. */
function isToHere({ headers, socket }: IncomingMessage): boolean {
  const own = `:${socket.localPort ?? 0}`;
  return [`${HOST}${own}`, `localhost${own}`].includes(headers.host ?? "");
}

function headersOf({ headersDistinct }: IncomingMessage): Headers {
  return new Headers(Object.entries(headersDistinct).map(([key, [value = ""] = []]) => [key, value]));
}

/** The same path at the server elsewhere. */
function targetOf({ href }: URL, { url: path = "/" }: IncomingMessage): URL {
  return new URL(href.replace(/\/+$/, "") + path);
}

async function handOn(
  request: IncomingMessage,
  response: ServerResponse,
  target: URL,
  token: string | undefined,
): Promise<void> {
  const headers = new Headers({ [PAGE_HEADER]: "1", origin: target.origin });
  for (const name of HANDED_ON) {
    const value = request.headers[name];
    if (value !== undefined) headers.set(name, value);
  }
  if (token !== undefined) headers.set("authorization", `Bearer ${token}`);
  const left = new AbortController();
  response.once("close", () => left.abort());
  const hasBody = request.method !== "GET" && request.method !== "HEAD";
  const answered = await fetch(target, {
    method: request.method ?? "GET",
    headers,
    signal: left.signal,
    redirect: "error",
    ...(hasBody ? { body: Readable.toWeb(request), duplex: "half" } : {}),
  });
  for (const name of HANDED_BACK) {
    const value = answered.headers.get(name);
    if (value !== null) response.setHeader(name, value);
  }
  // This address is plain HTTP on loopback, for which not every browser keeps cookies marked Secure.
  const cookies = answered.headers.getSetCookie().map((cookie) => cookie.replace(/; Secure/i, ""));
  if (cookies.length > 0) response.setHeader("set-cookie", cookies);
  response.writeHead(answered.status);
  if (answered.body === null) response.end();
  else await pipeline(Readable.fromWeb(answered.body), response);
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { "content-type": "text/plain" }).end(`${NOT_THE_PAGE}\n`);
}

/** The page takes an answer that is not the API's for a server that does not answer, which is what has happened. */
function fail(response: ServerResponse, error: unknown): void {
  if (response.headersSent || response.destroyed) {
    response.destroy();
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  response.writeHead(502, { "content-type": "text/plain" }).end(`The server does not answer: ${reason}\n`);
}
