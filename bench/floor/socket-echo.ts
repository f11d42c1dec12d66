// One socket whose frames come back in the order they were sent: pairs each echo with its sender.
import { once } from "node:events";
import type { WebSocket } from "ws";

export interface SocketEcho {
  /** Answers 1, for one frame, when its echo is back. */
  roundTrip(frame: string): Promise<number>;
  close(): void;
}

export async function socketEcho(socket: WebSocket): Promise<SocketEcho> {
  await once(socket, "open", { signal: AbortSignal.timeout(10_000) });
  const waiting: { resolve(tasks: number): void; reject(reason: Error): void }[] = [];
  socket.on("message", () => waiting.shift()?.resolve(1));
  socket.on("close", (code) => {
    for (const sender of waiting.splice(0)) sender.reject(new Error(`the socket closed with ${code}`));
  });
  return {
    roundTrip: (frame) =>
      new Promise((resolve, reject) => {
        waiting.push({ resolve, reject });
        socket.send(frame);
      }),
    close: () => socket.close(),
  };
}
