// The work on a queue's tasks that time makes due, and when it is next due. Correctness never waits for it (P13): claims compare
// times themselves.

import { LIMITS } from "../core/limits.ts";
import type { Chore } from "./chores.ts";
import { sweepClaimRows } from "./claims/claim-rows.ts";
import { endSomeExpired } from "./claims/end-attempt.ts";
import { housekeep } from "./housekeeping.ts";
import { unsentLetters } from "./mail/unsent-letters.ts";
import type { QueueState } from "./state.ts";

/** Free claim rows kept when nothing is in flight; more are only read again at every wake. */
const FREE_CLAIM_ROWS = 1_000;

/** The chores of a queue's tasks. */
export function choresOf(state: () => QueueState): Chore[] {
  return [
    {
      name: "expired claims",
      nextAt: () => state().claims.nextDeadline(),
      run: (now) => endExpiredClaims(state(), now),
    },
    {
      name: "housekeeping",
      nextAt: () => (state().existing() === null ? null : state().housekeeping.nextAt),
      run: (now) => housekeep(state(), now),
    },
    {
      name: "silent export",
      nextAt: () => silentAt(state().exports.touchedAt, LIMITS.exportSilenceMs),
      run: () => state().exports.end(),
    },
    {
      name: "silent import",
      nextAt: () => silentAt(state().imports.touchedAt, LIMITS.importSilenceMs),
      run: () => state().imports.giveUp(),
    },
    unsentLetters(state),
  ];
}

/** When it has been silent for that long; null: there is none. */
function silentAt(touchedAt: number | null, silenceMs: number): number | null {
  return touchedAt === null ? null : touchedAt + silenceMs;
}

function endExpiredClaims(state: QueueState, now: number): void {
  const queue = state.existing();
  if (queue !== null) endSomeExpired(state, queue, now);
  const isNeeded = state.claims.size > 0 || state.claims.resting > 0 || state.keys.rateAt > now;
  if (isNeeded || state.claims.slotCount <= FREE_CLAIM_ROWS) return;
  sweepClaimRows(state);
}
