// A WebSocket of the dashboard's page, handed on to the server elsewhere: its opening request is made there anew, and what either
// side says from then on goes through as it is. Which pages may open one is decided before.

import { request as requestPlain, STATUS_CODES, type IncomingMessage } from "node:http";
import { request as requestTls } from "node:https";
import type { Duplex } from "node:stream";

/** What of the opening request goes on: the terms of the WebSocket, which its two ends agree on, and who asks. */
const HANDED_ON = [
  "connection",
  "upgrade",
  "sec-websocket-version",
  "sec-websocket-key",
  "sec-websocket-protocol",
  "sec-websocket-extensions",
  "cookie",
] as const;

/**
 * @param opening the page's request, and the connection that it came over
 * @param head what has come over it since
 * @param target http: or https:
 * @param token goes along if there is one
 *
 * Never throws: a server that cannot be reached, or that refuses, is answered for.
 */
export function handOnSocket(
  opening: IncomingMessage,
  page: Duplex,
  head: Buffer,
  target: URL,
  token: string | undefined,
): void {
  const headers: Record<string, string> = { origin: target.origin };
  for (const name of HANDED_ON) {
    const value = opening.headers[name];
    if (typeof value === "string") headers[name] = value;
  }
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  const request = (target.protocol === "https:" ? requestTls : requestPlain)(target, { headers });
  page.once("close", () => request.destroy());
  page.on("error", () => page.destroy());
  request.once("error", (error) => refuseSocket(page, 502, `The server does not answer: ${error.message}`));
  request.once("response", (answer) => {
    answer.resume();
    const { statusCode = 502 } = answer;
    refuseSocket(page, statusCode < 400 ? 502 : statusCode, "The server opens no socket here.");
  });
  request.once("upgrade", (answer, server, first) => {
    server.once("close", () => page.destroy());
    server.on("error", () => server.destroy());
    page.once("close", () => server.destroy());
    page.write(openingAnswer(answer));
    page.write(first);
    server.write(head);
    server.pipe(page);
    page.pipe(server);
  });
  request.end();
}

/** Answers the opening request of a WebSocket with an error, and ends the connection. */
export function refuseSocket(page: Duplex, status: number, why: string): void {
  page.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ""}\r\ncontent-type: text/plain\r\nconnection: close\r\n\r\n${why}\n`,
  );
}

function openingAnswer({ rawHeaders }: IncomingMessage): string {
  let text = "HTTP/1.1 101 Switching Protocols\r\n";
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) text += `${rawHeaders[at]}: ${rawHeaders[at + 1]}\r\n`;
  return `${text}\r\n`;
}
