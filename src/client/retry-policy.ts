// Whether a call is made again, and after how long. Pure.

import type { Problem } from "../protocol/problem.ts";
import type { WireBody, WireOperationName } from "../protocol/wire-operations.ts";
import type { WireNewTask } from "../protocol/wire-task.ts";
import { integerOptions } from "./option.ts";
import { passesByItself } from "./retryable.ts";
import type { CallOutcome } from "./transport.ts";

export interface RetryOptions {
  /** Times a call is sent at most, the first included. 1 to 100, default 4. */
  readonly attempts?: number;
  /** Upper bound of the first wait, doubled by each further one. ms, default 100, 1 to 60,000. */
  readonly minMs?: number;
  /**
   * No wait is longer, unless the server asks for it. ms, default 5,000, `minMs` to 600,000. When the server asks for more
   * than 600,000, the call ends with its error instead.
   */
  readonly maxMs?: number;
}

export type RetryPolicy = Required<RetryOptions>;

/** `false`: every call is sent once. Throws InvalidOptionError. */
export function retryPolicy(options: RetryOptions | false = {}): RetryPolicy {
  const given = options === false ? { attempts: 1 } : options;
  const { minMs = 100 } = Object(given) as RetryOptions;
  return integerOptions("retry", given, {
    attempts: [1, 100, 4],
    minMs: [1, 60_000, minMs],
    maxMs: [minMs, 600_000, Math.max(minMs, 5_000)],
  });
}

/**
 * Full jitter: anything from nothing to the bound that doubles with each attempt, but never less than the server asks.
 * See "Exponential Backoff And Jitter" in the AWS Architecture Blog for why the whole of it is random.
 *
 * @param attempt the attempt that failed, from 1
 * @param random a number in [0, 1)
 */
export function retryDelayMs(policy: RetryPolicy, attempt: number, askedMs: number, random: number): number {
  const bound = Math.min(policy.maxMs, policy.minMs * 2 ** (attempt - 1));
  return Math.round(askedMs + bound * random);
}

/**
 * Operations that may be sent again although the first sending may have taken effect: whatever others have done in between,
 * the second changes nothing more. Tasks in a claim's answer that was lost come back after their claim timeout, whether it is
 * sent again or not.
 *
 * Not among them: `configure`, `setKey` and `putDocument` would undo what others did in between, a purge sent again would also
 * delete the tasks that came after the first, and the rest would be refused for what they had done themselves, or count it wrongly.
 */
const REPEATABLE = /^(get|list)|^(claim|ack|nack|extend|settle|browse|search)$/;

export function isRepeatable<Name extends WireOperationName>(operation: Name, body: WireBody<Name>): boolean {
  const { call, tasks, id, cursor, head, isLast } = body as SentParts;
  // Without a cursor a second export would begin; whole, an import (which has a head) would replace what has come since.
  if ((head && !isLast) || (operation === "exportQueue" && cursor !== undefined)) return true;
  // By its number, or with an id each, the queue knows the call again (P10).
  if (call !== undefined || REPEATABLE.test(operation)) return true;
  return operation === "enqueue" && (tasks ?? [{ id }]).every((task) => task.id !== undefined);
}

type SentParts = Partial<
  Pick<WireBody<"modify">, "call"> &
    WireNewTask & { readonly tasks: readonly WireNewTask[] } & WireBody<"exportQueue"> &
    WireBody<"importQueue">
>;

/** Whether sending once more may help, and does no harm. */
export function mayRetry(outcome: CallOutcome<unknown>, repeatable: boolean): boolean {
  return outcome.kind === "problem"
    ? passesByItself(outcome.problem) && (isUndone(outcome.problem) || (repeatable && outcome.problem.status >= 500))
    : repeatable && outcome.kind === "unreachable";
}

/** Turned away at the door: nothing was done, so anything may be sent again. */
function isUndone({ status }: Problem): boolean {
  return /^(408|429|503)/.test(`${status}`);
}
