// What becomes of a task that failed, by the error it failed with. Pure.

import type { NackOptions } from "../client/claims.ts";
import { DeadLetter, RetryAfter } from "./handler-error.ts";

/** The server keeps as much; what is cut here is not sent for nothing. */
const ERROR_LENGTH = 1_024;

/** @param backoff what the consumer's user says; undefined, or no number: the queue's backoff */
export function failureFate(error: unknown, backoff: () => number | undefined): NackOptions {
  const text = errorText(error).slice(0, ERROR_LENGTH);
  if (error instanceof DeadLetter) return { dead: true, error: text };
  const delayMs = error instanceof RetryAfter ? error.delayMs : delayOf(backoff);
  return { error: text, ...(delayMs === undefined ? {} : { delayMs }) };
}

const MAX_DELAY_MS = 366 * 86_400_000;

/** A backoff that throws or answers with no number is the user's bug, reported as such; the task is not lost over it. */
function delayOf(backoff: () => number | undefined): number | undefined {
  try {
    const delayMs = backoff();
    if (delayMs === undefined) return undefined;
    if (Number.isFinite(delayMs)) return Math.min(MAX_DELAY_MS, Math.max(0, Math.round(delayMs)));
    throw new TypeError(`backoff: given ${delayMs}, allowed: a number of ms, or undefined`);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
    return undefined;
  }
}

/** Whether the error says that the work does not work, rather than something about this one task. */
export function isTrouble(error: unknown): boolean {
  return !(error instanceof DeadLetter) && !(error instanceof RetryAfter);
}

function errorText(error: unknown): string {
  if (!(error instanceof Error))
    return typeof error === "string" ? error : `a handler threw ${typeof error}, not an Error`;
  const isPlain = error.name === "Error" || !isTrouble(error);
  return isPlain ? error.message : `${error.name}: ${error.message}`;
}
