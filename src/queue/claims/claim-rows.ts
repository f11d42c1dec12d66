// Removes rows of claims, and keeps what they say beside their claims: how far reading and keys have come, and which rates have
// been used.

import type { Charge } from "../../store/claim-statements.ts";
import type { QueueState } from "../state.ts";

/** Rates of keys that one row remembers, so that it does not become too large. */
const CHARGES_A_ROW = 1_000;
/** Rows that rest before they are put together, and for each row that this writes. */
const RESTING_ROWS = 1_000;
const RESTS_A_ROW = 100;

const UNHELD = {
  claimant: null,
  holder: null,
  expiresAt: 0,
  claimedAt: null,
  charged: [],
  acked: [],
  entries: [],
} as const;

/** Rows of claims go that nobody needs. One stays: it says how far reading and keys have come. */
export function sweepClaimRows(state: QueueState): void {
  state.claimRows.deleteAll();
  state.claims.clear();
  state.claimRows.put({ slot: 1, nonce: state.chance.nonce(), ...UNHELD, ...state.progress() });
}

/** Every claim's row goes. What they say of numbers and of rates that have been used is written anew. */
export function forgetClaimRows(state: QueueState, now: number): void {
  state.claimRows.deleteAll();
  state.claims.clear();
  state.keepAllKeys();
  const charges = state.keys.charges(now);
  // One also if only the queue itself has a rate.
  writeCharges(state, charges, state.keys.rateAt > now ? 1 : 0);
}

/** Something else is remembered of rates than rows say: it is written anew, and they say no more of it. */
export function rewriteCharges(state: QueueState, now: number): void {
  const { claims, claimRows, keys } = state;
  state.scans.walked(claims.slotCount + claims.size);
  claimRows.forgetCharges();
  claims.forgetCharges();
  writeCharges(state, keys.charges(now), keys.rateAt > now ? 1 : 0);
}

/**
 * Rows that are kept for the rates which they remember become a few, if there are so many that these are less than a hundredth: any
 * number of calls may have taken tasks of one key, and a wake-up reads the rows of all.
 */
export function gatherRests(state: QueueState, now: number): void {
  const { claims, keys } = state;
  if (claims.resting < RESTING_ROWS || claims.resting < RESTS_A_ROW * (keys.ratesKnown / CHARGES_A_ROW)) return;
  claims.endRests();
  writeCharges(state, keys.charges(now), 0);
}

function writeCharges(state: QueueState, charges: readonly Charge[], least: number): void {
  const rows = Math.max(Math.ceil(charges.length / CHARGES_A_ROW), least);
  for (let row = 0; row < rows; row += 1) {
    const charged = charges.slice(row * CHARGES_A_ROW, (row + 1) * CHARGES_A_ROW);
    const slot = state.claims.rest(charged);
    state.claimRows.put({ slot, nonce: state.chance.nonce(), ...UNHELD, charged, ...state.progress() });
  }
}
