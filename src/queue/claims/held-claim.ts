// The claim that a token names, if it is still held (P4).

import type { ClaimRef } from "../../core/claim-token.ts";
import type { QueueState } from "../state.ts";
import type { Claim } from "./claim.ts";

/** A token of an earlier life of the queue names none, although the row of its claim may be there: it has been lost. */
export function heldClaim(state: QueueState, ref: ClaimRef, now: number): Claim | undefined {
  return ref.tag === state.row?.tag ? state.claims.held(ref, now) : undefined;
}
