// Connections that break: requests and frames, written byte for byte and cut at any of them, before they are whole. None of
// it may have been taken.

import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import type { Random } from "../simulation/random.ts";
import type { HttpRequest } from "./request.ts";

/** What no server should stumble over; what it answers is the platform's affair. */
const NONSENSE = [
  "GET http://[::1/v1/health HTTP/1.1\r\nHost: x\r\n\r\n",
  "CONNECT x:1 HTTP/1.1\r\nHost: x\r\n\r\n",
  "POST /v1/queues/fuzzed/tasks HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n{}",
  "POST /v1/queues/fuzzed/purge HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  "\u0000\u0001\u0002",
  `GET /${"a".repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`,
  "GET /v1/queues/fuzzed/socket HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n",
];

/** Sends the beginning of a request, or nonsense. Fulfilled when the connection is gone. */
export async function breakRequest(port: number, request: HttpRequest, random: Random): Promise<void> {
  const whole = random.chance(0.1) ? Buffer.from(random.pick(NONSENSE), "latin1") : bytesOf(request);
  await sendAndBreak(port, [whole.subarray(0, random.below(whole.length))], random);
}

/** Opens a socket, sends some whole messages that are refused, and breaks off in the midst of a frame. */
export async function breakFrame(port: number, queue: string, message: string, random: Random): Promise<void> {
  const upgrade = [
    `GET /v1/queues/${queue}/socket HTTP/1.1`,
    "Host: 127.0.0.1",
    "Upgrade: websocket",
    "Connection: Upgrade",
    "Sec-WebSocket-Version: 13",
    `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}`,
    "\r\n",
  ].join("\r\n");
  const frame = textFrame(message);
  const ping = textFrame("ping");
  const pieces = [
    Buffer.from(upgrade),
    ...(random.chance(0.5) ? [ping] : []),
    frame.subarray(0, random.below(frame.length)),
  ];
  await sendAndBreak(port, pieces, random);
}

function bytesOf({ method, path, body, contentType }: HttpRequest): Buffer {
  const sent = Buffer.from(body ?? "{}");
  const head = `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: ${contentType}\r\nContent-Length: ${sent.length}\r\n\r\n`;
  // Without its last byte it is not whole, wherever it is cut.
  return Buffer.concat([Buffer.from(head), sent]);
}

function sendAndBreak(port: number, pieces: readonly Buffer[], random: Random): Promise<void> {
  return new Promise((fulfil) => {
    const socket: Socket = connect(port, "127.0.0.1");
    const rudely = random.chance(0.5);
    const leave = (): void => void (rudely ? socket.resetAndDestroy() : socket.end());
    // A server that answers what is no request at all closes by itself; one that waits for the rest is left.
    const overdue = setTimeout(() => socket.destroy(), 200);
    socket.on("error", () => {});
    socket.on("close", () => {
      clearTimeout(overdue);
      fulfil();
    });
    socket.resume();
    socket.on("connect", () => {
      for (const piece of pieces) socket.write(piece);
      if (random.chance(0.5)) leave();
      else socket.once("data", leave);
    });
  });
}

/** RFC 6455, section 5.2: one text frame, masked as a client's must be. */
function textFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const length =
    payload.length < 126
      ? Buffer.from([0x80 | payload.length])
      : Buffer.from([0x80 | 126, payload.length >> 8, payload.length & 255]);
  return Buffer.concat([
    Buffer.from([0x81]),
    length,
    mask,
    payload.map((byte, index) => byte ^ (mask[index % 4] ?? 0)),
  ]);
}
