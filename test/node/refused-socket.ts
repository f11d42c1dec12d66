// What a server says to a request for a socket that it refuses: WebSocket tells nobody.

import { get, type IncomingMessage } from "node:http";
import { text } from "node:stream/consumers";

export interface Refusal {
  readonly status: number;
  readonly contentType: string | null;
  readonly body: unknown;
}

/** null: the socket is given; it is let go of at once. */
export function refusalOfSocket(url: string): Promise<Refusal | null> {
  const headers = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  return new Promise((resolve, reject) => {
    get(url, { headers })
      .on("response", (response) => resolve(refusalOf(response)))
      .on("upgrade", (_response, socket) => {
        socket.destroy();
        resolve(null);
      })
      .on("error", reject);
  });
}

async function refusalOf(response: IncomingMessage): Promise<Refusal> {
  const body = await text(response);
  return {
    status: response.statusCode ?? 0,
    contentType: response.headers["content-type"] ?? null,
    body: JSON.parse(body) as unknown,
  };
}
