// A queue over HTTP, as a profile needs it, with what the calls are billed as.
import type { QueueHttp } from "../edgeq/queue-http.ts";

/** A queue by one of the ways in. */
export interface Way {
  /** Requests to the Worker so far; each is one call to the object. */
  readonly workerRequests: number;
  /** Frames sent over open sockets so far. */
  readonly framesIn: number;
  /** Tasks as JSON, in one call. @param call its number, as JSON */
  enqueue(tasks: readonly string[], call?: string): Promise<void>;
  /** Claims up to so many, nacks the first `failures` of them, acks the rest; how many it acked. */
  claimAndSettle(max: number, failures: number): Promise<number>;
  close(): Promise<void>;
}

export function httpWay(queue: QueueHttp): Way {
  let workerRequests = 0;
  return {
    get workerRequests() {
      return workerRequests;
    },
    framesIn: 0,
    async enqueue(tasks, call) {
      workerRequests += 1;
      await queue.enqueue(tasks, call);
    },
    async claimAndSettle(max, failures) {
      workerRequests += 1;
      const tasks = await queue.claim(max);
      const done = tasks.slice(failures);
      if (done.length > 0) {
        workerRequests += 1;
        await queue.ack(done);
      }
      if (failures > 0) {
        workerRequests += 1;
        await queue.nack(tasks.slice(0, failures));
      }
      return done.length;
    },
    close: () => queue.close(),
  };
}
