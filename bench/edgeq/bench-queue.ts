// One queue of edgeq by either of its ways in, for workloads that are the same over both.
import { httpConnections } from "../measure/http-client.ts";
import { QueueHttp } from "./queue-http.ts";
import { QueueSocket } from "./queue-socket.ts";

export interface BenchTask {
  readonly claim: string;
  readonly payload: object;
}

export interface BenchQueue {
  /** Tasks as JSON, see `taskJson`, in one call. */
  enqueue(tasks: readonly string[]): Promise<void>;
  /** Up to so many; none when nothing is ready. */
  claim(max: number): Promise<readonly BenchTask[]>;
  /** Rejects if any of the claims was lost. */
  ack(tasks: readonly BenchTask[]): Promise<void>;
  close(): Promise<void>;
}

export const ways = ["http", "socket"] as const;
export type WayIn = (typeof ways)[number];

export function openBenchQueue(way: WayIn, origin: string, name: string): Promise<BenchQueue> {
  return way === "socket"
    ? QueueSocket.open(origin, name)
    : Promise.resolve(QueueHttp.open(origin, name, httpConnections));
}
