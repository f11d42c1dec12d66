// Events by which a consumer reports about itself, for logs and metrics.

import type { ProblemError } from "../client/problem-error.ts";
import type { ClaimedTask } from "../client/task.ts";

export interface ConsumerEvents<Payload = unknown> {
  /** Tasks came in. */
  claimed: { readonly tasks: readonly ClaimedTask<Payload>[] };
  /** A handler begins. */
  started: { readonly tasks: readonly ClaimedTask<Payload>[] };
  /** The task is done, and the server has confirmed it. */
  acked: { readonly task: ClaimedTask<Payload>; readonly durationMs: number };
  /** The attempt failed and the server knows it. `delayMs` undefined: the queue's backoff. `dead`: the handler asked for that. */
  failed: {
    readonly task: ClaimedTask<Payload>;
    readonly error: unknown;
    readonly delayMs: number | undefined;
    readonly dead: boolean;
    readonly durationMs: number;
  };
  /**
   * Given back until later because the handler threw `snooze` or `rateLimited`; no attempt was counted. `limitKey`: all tasks of
   * its key rest as long.
   */
  snoozed: {
    readonly task: ClaimedTask<Payload>;
    readonly delayMs: number;
    readonly limitKey: boolean;
    readonly durationMs: number;
  };
  /** Given back without counting the attempt: the consumer was stopping, or its circuit open. */
  released: { readonly task: ClaimedTask<Payload> };
  /** The claim is not held any more: the moment this is known, or when the task was to be acked or given back. */
  lost: { readonly task: ClaimedTask<Payload>; readonly during: "handler" | "ack" | "nack" };
  /** Claims were kept longer. */
  extended: { readonly tasks: readonly ClaimedTask<Payload>[] };
  /** The server could not be reached; the next attempt follows after `retryInMs`. */
  disconnected: { readonly error: unknown; readonly retryInMs: number };
  /** The server is there and gives no tasks for now: paused, at a limit, or overloaded. Asked again after `retryInMs`. */
  refused: { readonly error: ProblemError; readonly retryInMs: number };
  /** The first answer after `disconnected`. */
  reconnected: { readonly downMs: number };
  /** The circuit breaker changed. */
  circuit: { readonly state: "closed" | "open" | "half-open"; readonly pauseMs: number };
  /** No more tasks are taken; those that run may finish. */
  stopping: { readonly running: number };
  /** Nothing is held any more. The last event. */
  stopped: { readonly gaveBack: number };
}
