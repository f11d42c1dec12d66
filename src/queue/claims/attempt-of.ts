// A claim that ends while its task is kept, as the task remembers it.

import { attemptText, type AttemptOutcome } from "../../core/attempt.ts";
import { instantOf } from "../../core/sequence.ts";
import type { Claim } from "./claim.ts";

/** The text of an attempt that ended at `endedAt`. */
export function attemptOf(claim: Claim, outcome: AttemptOutcome, error: string | null, endedAt: number): string {
  const { claimedAt, claimant } = claim.slot;
  // A change under the claim may have moved the instant, and a key be borrowed from a later one.
  const readyAt = Math.min(claim.visibleAt ?? instantOf(claim.seq), claimedAt ?? endedAt);
  return attemptText({ attempt: claim.attempts + 1, readyAt, claimedAt, claimant, endedAt, outcome, error });
}
