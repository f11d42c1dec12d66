// The record of an attempt that has ended while its task is kept: as people see it, and as its task's row holds it.

import type { WireAttempt as Attempt, WireAttemptOutcome as AttemptOutcome } from "../protocol/wire-task.ts";
import { LIMITS } from "./limits.ts";

export type { WireAttempt as Attempt, WireAttemptOutcome as AttemptOutcome } from "../protocol/wire-task.ts";

export const ATTEMPT_OUTCOMES = [
  "failed",
  "expired",
  "snoozed",
  "released",
  "acked",
] as const satisfies readonly AttemptOutcome[];

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
