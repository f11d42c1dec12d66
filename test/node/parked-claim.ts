// A claim parked on a TCP connection of its own, which the test may tear down as a crashed client's would be.

import { connect, type Socket } from "node:net";

export interface ParkedClaim {
  readonly socket: Socket;
  /** The whole answer as it came, when the server has closed the connection or the answer is complete. */
  readonly answer: Promise<string>;
}

const LAST_CHUNK = "\r\n0\r\n\r\n";

/** Sends the claim; fulfilled when its answer has begun, which says that it is parked. */
export function parkClaim(port: number, queue: string, waitMs: number): Promise<ParkedClaim> {
  const body = JSON.stringify({ waitMs });
  const head = [
    `POST /v1/queues/${queue}/claim HTTP/1.1`,
    "host: localhost",
    "content-type: application/json",
    `content-length: ${body.length}`,
    "connection: close",
  ];
  return new Promise((fulfil, reject) => {
    const socket = connect(port, "127.0.0.1", () => socket.write(`${head.join("\r\n")}\r\n\r\n${body}`));
    let text = "";
    const answer = new Promise<string>((complete) => {
      socket.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        if (text.endsWith(LAST_CHUNK)) complete(text);
        fulfil({ socket, answer });
      });
      socket.once("close", () => complete(text));
    });
    socket.once("error", reject);
  });
}
