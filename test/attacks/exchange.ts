// Bytes sent over a connection of their own, as no client library would send them.

import { connect } from "node:net";

/**
 * Sends all of it, and gives what comes back until it satisfies `isWhole` or the connection ends; a character for a byte.
 *
 * @param url of the server
 */
export function exchange(
  url: string,
  pieces: readonly (string | Uint8Array)[],
  isWhole: (text: string) => boolean = () => false,
): Promise<string> {
  const { hostname, port } = new URL(url);
  return new Promise((fulfil) => {
    let text = "";
    const socket = connect(Number(port), hostname, () => {
      for (const piece of pieces) socket.write(piece);
    });
    socket.setEncoding("latin1").on("data", (part: string) => {
      text += part;
      if (isWhole(text)) socket.destroy();
    });
    socket.on("error", () => {});
    socket.once("close", () => fulfil(text));
  });
}

/** The headers by which a connection becomes a socket. */
export const UPGRADING = [
  "upgrade: websocket",
  "connection: upgrade",
  "sec-websocket-version: 13",
  "sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==",
] as const;

/** The request that opens a socket to a queue of an open server. */
export function upgradeTo(queue: string): string {
  return [`GET /v1/queues/${queue}/socket HTTP/1.1`, "host: localhost", ...UPGRADING, "", ""].join("\r\n");
}

/** A text frame of less than 126 bytes, masked with zeros; a character for a byte. */
export function textFrame(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x81, 0x80 | text.length, 0, 0, 0, 0]), Buffer.from(text, "latin1")]);
}
