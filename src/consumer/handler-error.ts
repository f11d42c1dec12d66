// What a handler throws to decide what becomes of its task, and what the consumer itself aborts a handler with.

/** Thrown by a handler: the task is offered again after `delayMs`. Not counted by the circuit breaker. */
export class RetryAfter extends Error {
  readonly delayMs: number;

  constructor(delayMs: number, message: string) {
    super(message);
    this.name = "RetryAfter";
    this.delayMs = delayMs;
  }
}

/** Thrown by a handler: no further attempt, the task is dead with this reason. Not counted by the circuit breaker. */
export class DeadLetter extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = "DeadLetter";
  }
}

/**
 * `throw retryAfter(60_000)`: not now, but after a minute.
 *
 * @param delayMs 0 to 31,622,400,000 (366 days). Throws RangeError outside.
 * @param reason kept with the task as its error
 */
export function retryAfter(delayMs: number, reason = "to be tried again"): RetryAfter {
  if (!Number.isInteger(delayMs) || delayMs < 0 || delayMs > 366 * 86_400_000) {
    throw new RangeError(`retryAfter: given ${delayMs}, allowed: an integer from 0 to 31,622,400,000 (ms)`);
  }
  return new RetryAfter(delayMs, reason);
}

/** `throw deadLetter("no such customer")`: this task can never succeed. */
export function deadLetter(reason: string): DeadLetter {
  return new DeadLetter(reason);
}

/** The reason of a handler's signal when its claims are lost: others may have the tasks by now, so stop at once. */
export class ClaimsLostError extends Error {
  constructor() {
    super("the claims of these tasks are not held any more");
    this.name = "ClaimsLostError";
  }
}

/** The reason of a handler's signal, and the task's error, when it ran longer than `handlerTimeoutMs`. */
export class HandlerTimedOutError extends Error {
  constructor(ms: number) {
    super(`the handler did not settle within ${ms} ms`);
    this.name = "HandlerTimedOutError";
  }
}

/** The reason of a handler's signal when the consumer stops and its time to finish is over. */
export class ConsumerStoppedError extends Error {
  constructor() {
    super("the consumer has stopped");
    this.name = "ConsumerStoppedError";
  }
}
