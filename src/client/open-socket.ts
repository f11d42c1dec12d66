// Opens a socket to a queue, with the token put where a browser can put one. It does not know what is sent over it.

import { UnreachableError } from "./edgeq-error.ts";
import type { Endpoint } from "./transport.ts";
import { withTimeout } from "./with-timeout.ts";

const OPEN_TIMEOUT_MS = 10_000;

/** Rejects with UnreachableError when no socket can be had: refused, cut off, or not known here; or with the signal's reason. */
export async function openSocket(
  { url, token }: Endpoint,
  queue: string,
  signal: AbortSignal | undefined,
): Promise<WebSocket> {
  if (typeof WebSocket !== "function") throw new UnreachableError(1, new Error("there is no WebSocket here"));
  const open = async (limited: AbortSignal): Promise<WebSocket> => {
    const secret = await token();
    // Nobody waits for it any more.
    limited.throwIfAborted();
    const address = `${url.replace(/^http/, "ws")}/v1/queues/${queue}/socket`;
    // A browser cannot set a socket's headers, so the token is offered as a subprotocol (docs/auth.md).
    const socket =
      secret === undefined ? new WebSocket(address) : new WebSocket(address, ["edgeq.v1", `edgeq.token.${secret}`]);
    try {
      await opened(socket, limited);
    } catch (error) {
      socket.close();
      throw error;
    }
    return socket;
  };
  try {
    return await withTimeout(OPEN_TIMEOUT_MS, signal, open);
  } catch (error) {
    signal?.throwIfAborted();
    throw new UnreachableError(1, error);
  }
}

function opened(socket: WebSocket, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.addEventListener("open", () => resolve());
    socket.addEventListener("error", () => reject(new Error("the socket was refused")));
    socket.addEventListener("close", () => reject(new Error("the socket was closed")));
    signal.addEventListener("abort", () => reject(signal.reason as Error));
  });
}
