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
