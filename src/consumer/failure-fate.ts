// The fate of a task that failed, by its error. Pure.

import type { NackOptions } from "../client/claims.ts";
import { nackError } from "../client/nack-error.ts";
import { DeadLetter, MAX_DELAY_MS, RateLimited, RetryAfter, Snooze } from "./handler-error.ts";

/**
 * Never throws: whatever a handler threw, its failure is recorded.
 *
 * @param backoff what the consumer's user says; undefined, or no number: the queue's backoff
 * @param bug called with the error of a backoff that throws, or that returns something other than a number
 */
export function failureFate(
  error: unknown,
  backoff: () => number | undefined,
  bug: (error: unknown) => void,
): NackOptions {
  if (error instanceof RateLimited) return { limitKey: true, delayMs: error.delayMs };
  if (error instanceof Snooze) return { snooze: true, delayMs: error.delayMs };
  const text = nackError(errorText(error));
  if (error instanceof DeadLetter) return { dead: true, error: text };
  const delayMs = error instanceof RetryAfter ? error.delayMs : delayOf(backoff, bug);
  return { error: text, ...(delayMs === undefined ? {} : { delayMs }) };
}

function delayOf(backoff: () => number | undefined, bug: (error: unknown) => void): number | undefined {
  try {
    const delayMs = backoff();
    if (delayMs === undefined) return undefined;
    // A promise, for one, is not finite.
    if (Number.isFinite(delayMs)) return Math.min(MAX_DELAY_MS, Math.max(0, Math.round(delayMs)));
    const given = typeof delayMs === "number" ? delayMs : `a value of type ${typeof delayMs}`;
    throw new TypeError(`backoff: given ${given}, allowed: a number of ms, or undefined`);
  } catch (thrown) {
    bug(thrown);
    return undefined;
  }
}

/** Whether the error says that the work does not work, rather than something about this one task. */
export function isTrouble(error: unknown): boolean {
  return !(error instanceof DeadLetter || error instanceof RetryAfter || error instanceof Snooze);
}

function errorText(error: unknown): string {
  if (typeof error === "string") return error;
  if (!(error instanceof Error)) return `a handler threw ${typeof error}, not an Error`;
  try {
    const { name, message } = error;
    // An error of the user's own class may hold anything under these names.
    if (typeof message !== "string") return "a handler threw an error whose message is no text";
    return name === "Error" || !isTrouble(error) ? message : `${name}: ${message}`;
  } catch {
    return "a handler threw an error that cannot be read";
  }
}
