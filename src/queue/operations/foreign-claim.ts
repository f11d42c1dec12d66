// A token that another queue made is a mistake of the caller's, which is answered before anything is done.

import type { ClaimRef } from "../../core/claim-token.ts";
import type { Refusal } from "../../core/operation.ts";
import type { QueueState } from "../state.ts";

/** @param field where the tokens stand in the request */
export function foreignClaim(state: QueueState, claims: readonly ClaimRef[], field = "claims"): Refusal | null {
  const tag = state.row?.tag;
  const index = claims.findIndex((claim) => claim.tag !== tag);
  if (index < 0) return null;
  return {
    kind: "invalid",
    field: `${field}[${index}]`,
    given: "a claim token of another queue",
    allowed: "claim tokens of this queue",
  };
}
