// What is remembered of an attempt that has ended while its task is kept: as people see it, and as its task's row holds it.

import { LIMITS } from "./limits.ts";

export const ATTEMPT_OUTCOMES = ["failed", "expired", "snoozed", "released", "acked"] as const;

/**
 * - `failed`, `expired`: it was nacked, or its claim ran out; the attempt counts
 * - `snoozed`, `released`: it was given back; the attempt does not count
 * - `acked`: a modify ended it and had the task begin again
 */
export type AttemptOutcome = (typeof ATTEMPT_OUTCOMES)[number];

export interface Attempt {
  /** Which it was, from 1. One that did not count has the number of the next. */
  readonly attempt: number;
  /** Since when the task could have been claimed. */
  readonly readyAt: number;
  /** null: not known, as its claim was made by an earlier version. */
  readonly claimedAt: number | null;
  readonly claimant: string | null;
  /** When the claim ended; of an expired one, its deadline. */
  readonly endedAt: number;
  readonly outcome: AttemptOutcome;
  /** Cut after LIMITS.attemptErrorLength characters; the last error is whole in the task's `error`. */
  readonly error: string | null;
}

/** Where `readyAt` stands in the stored array: a row's own retry may have kept the task longer. */
export const READY_AT_PLACE = 1;

/** As the row holds it: JSON, an array without names. */
export function attemptText({ attempt, readyAt, claimedAt, claimant, endedAt, outcome, error }: Attempt): string {
  const cut = error === null ? null : error.slice(0, LIMITS.attemptErrorLength).toWellFormed();
  return JSON.stringify([attempt, readyAt, claimedAt, claimant, endedAt, outcome, cut]);
}

/** What a row holds, the oldest first. @param text null: none has ended */
export function attemptsOf(text: string | null): Attempt[] {
  if (text === null) return [];
  const stored = JSON.parse(text) as StoredAttempt[];
  return stored.map(([attempt, readyAt, claimedAt, claimant, endedAt, outcome, error]) => {
    return { attempt, readyAt, claimedAt, claimant, endedAt, outcome, error };
  });
}

type StoredAttempt = readonly [number, number, number | null, string | null, number, AttemptOutcome, string | null];

/** Whether a parsed text is what rows hold. */
export function areAttempts(value: unknown): boolean {
  return Array.isArray(value) && value.length <= LIMITS.pastAttempts && value.every(isAttempt);
}

function isAttempt(value: unknown): boolean {
  if (!Array.isArray(value) || value.length !== 7) return false;
  const [attempt, readyAt, claimedAt, claimant, endedAt, outcome, error] = value as readonly unknown[];
  return (
    [attempt, readyAt, claimedAt ?? 0, endedAt].every((number) => Number.isSafeInteger(number)) &&
    [claimant, error].every((text) => text === null || typeof text === "string") &&
    ATTEMPT_OUTCOMES.some((known) => known === outcome)
  );
}
