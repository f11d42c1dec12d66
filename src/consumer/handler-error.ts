// Errors that a handler throws to decide the fate of its task, and those with which the consumer aborts a handler.

import { CONSUMER_LIMITS } from "../protocol/call-limits.ts";

/** 366 days. */
export const MAX_DELAY_MS = CONSUMER_LIMITS.delayMs;

/** Thrown by a handler: the attempt failed, and the next follows after `delayMs`. Not counted by the circuit breaker. */
export class RetryAfter extends Error {
  readonly delayMs: number;

  /** Throws RangeError for a delay that is no integer from 0 to 31,622,400,000 ms (366 days). */
  constructor(delayMs: number, message: string) {
    super(message);
    this.name = "RetryAfter";
    this.delayMs = checkedDelay("retryAfter", delayMs);
  }
}

/** Thrown by a handler: given back until `delayMs` from now, and no attempt counted. Not counted by the circuit breaker. */
export class Snooze extends Error {
  readonly delayMs: number;

  /** Throws RangeError for a delay that is no integer from 0 to 31,622,400,000 ms (366 days). */
  constructor(delayMs: number) {
    super(`snoozed for ${delayMs} ms`);
    this.name = "Snooze";
    this.delayMs = checkedDelay("snooze", delayMs);
  }
}

/**
 * Thrown by a handler: all tasks of the task's key rest until `delayMs` from now, and no attempt is counted. Not counted by the
 * circuit breaker.
 */
export class RateLimited extends Snooze {
  /** Throws RangeError for a delay that is no integer from 0 to 31,622,400,000 ms (366 days). */
  constructor(delayMs: number) {
    super(checkedDelay("rateLimited", delayMs));
    this.name = "RateLimited";
    this.message = `rate-limited for ${delayMs} ms`;
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
 * `throw retryAfter(60_000)`: this attempt failed, and the next is to follow after a minute. It counts: a task whose attempts
 * are used up is dead. Where the task is not to blame, `snooze`.
 *
 * @param delayMs 0 to 31,622,400,000 (366 days). Throws RangeError outside.
 * @param reason kept with the task as its error
 */
export function retryAfter(delayMs: number, reason = "to be tried again"): RetryAfter {
  return new RetryAfter(delayMs, reason);
}

/**
 * `throw snooze(60_000)`: not now, and no fault of the task. It is offered again after a minute, as if this attempt had not
 * been; the error of its last attempt stays.
 *
 * @param delayMs 0 to 31,622,400,000 (366 days). Throws RangeError outside.
 */
export function snooze(delayMs: number): Snooze {
  return new Snooze(delayMs);
}

/**
 * `throw rateLimited(60_000)`: whatever the task's key stands for, a tenant or an upstream host, takes no more for a minute. No
 * task with that key is offered before, and the attempt does not count. A task without a key is snoozed.
 *
 * @param delayMs 0 to 31,622,400,000 (366 days), such as the `Retry-After` of a 429 answer in ms. Throws RangeError outside.
 */
export function rateLimited(delayMs: number): RateLimited {
  return new RateLimited(delayMs);
}

/** `throw deadLetter("no such customer")`: this task can never succeed. */
export function deadLetter(reason: string): DeadLetter {
  return new DeadLetter(reason);
}

function checkedDelay(what: string, delayMs: number): number {
  if (Number.isInteger(delayMs) && delayMs >= 0 && delayMs <= MAX_DELAY_MS) return delayMs;
  throw new RangeError(`${what}: given ${delayMs}, allowed: an integer from 0 to 31,622,400,000 (ms)`);
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

/** The reason of a handler's signal when the consumer stops and its time to finish has run out. */
export class ConsumerStoppedError extends Error {
  constructor() {
    super("the consumer has stopped");
    this.name = "ConsumerStoppedError";
  }
}
