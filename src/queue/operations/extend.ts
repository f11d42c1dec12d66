// Moves the deadline of claims: one row per claim call they came from, however many of its tasks are extended.

import type { ExtendResult } from "../../core/operation.ts";
import { lost } from "./ack.ts";
import { foreignClaim } from "./foreign-claim.ts";
import type { Slot } from "../claims/claim.ts";
import { heldClaim } from "../claims/held-claim.ts";
import type { OnClaims } from "./run.ts";

export const extend: OnClaims<"extend"> = (state, input, now) => {
  const refusal = foreignClaim(state, input.claims);
  if (refusal !== null) return refusal;
  const claimedUntil = now + input.claimTimeoutMs;
  const touched = new Set<Slot>();
  const results = input.claims.map((ref): ExtendResult => {
    const claim = heldClaim(state, ref, now);
    if (claim === undefined) return lost(state, ref);
    state.claims.extend(claim, claimedUntil);
    touched.add(claim.slot);
    return { ok: true, claimedUntil };
  });
  for (const slot of touched) state.claimRows.put(state.claims.rowOf(slot, state.progress()));
  return { kind: "extended", results };
};
