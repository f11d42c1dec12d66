// Connections that are opened before the clock starts, and then held: what a request waits for on one of them is the server,
// not a handshake. Requests and answers are taken apart no further than it needs, so that thousands cost the machine little.
import { connect, type Socket } from "node:net";

export interface HeldConnection {
  /** Sends a request, one at a time. Fulfilled with the answer's status when all of it is here; null: the connection broke. */
  send(request: string): Promise<number | null>;
  /** How long the last answer asked to wait; 0 if it did not. */
  readonly retryAfterMs: number;
  close(): void;
}

/** Opened at a time: fewer than a server's queue of those that wait to be accepted. */
const openingAtOnce = 64;
const retryAfter = /\r\nretry-after: (\d+)/i;
const contentLength = /\r\ncontent-length: (\d+)/i;

export async function holdConnections(url: string, count: number): Promise<HeldConnection[]> {
  const { hostname, port } = new URL(url);
  const held: HeldConnection[] = [];
  while (held.length < count) {
    const some = Array.from({ length: Math.min(openingAtOnce, count - held.length) }, () =>
      open(hostname, Number(port)),
    );
    held.push(...(await Promise.all(some)));
  }
  return held;
}

function open(host: string, port: number): Promise<HeldConnection> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true }, () => resolve(overSocket(socket)));
    socket.once("error", reject);
  });
}

function overSocket(socket: Socket): HeldConnection {
  let text = "";
  let retryAfterMs = 0;
  let end: ((status: number | null) => void) | null = null;
  const answered = (status: number | null): void => {
    text = "";
    const resolve = end;
    end = null;
    resolve?.(status);
  };
  socket.setEncoding("latin1").on("data", (part: string) => {
    text += part;
    const head = text.indexOf("\r\n\r\n");
    if (head === -1) return;
    const length = Number(contentLength.exec(text)?.[1] ?? 0);
    if (text.length < head + 4 + length) return;
    retryAfterMs = Number(retryAfter.exec(text)?.[1] ?? 0) * 1_000;
    answered(Number(text.slice(9, 12)));
  });
  socket.on("error", () => answered(null)).on("close", () => answered(null));
  return {
    send: (request) =>
      new Promise((resolve) => {
        if (socket.destroyed) return resolve(null);
        end = resolve;
        socket.write(request);
      }),
    get retryAfterMs() {
      return retryAfterMs;
    },
    close: () => socket.destroy(),
  };
}
