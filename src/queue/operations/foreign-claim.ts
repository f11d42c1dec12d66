// A token that another queue made is a mistake of the caller's, which is answered before anything is done. One of an earlier life of
// this queue is none: its claim is lost, as any that has ended.

import type { ClaimRef } from "../../core/claim-token.ts";
import type { Refusal } from "../../core/operation.ts";
import { isOfLives } from "../../core/task-id.ts";
import type { QueueState } from "../state.ts";

/** @param field where the tokens stand in the request */
export function foreignClaim(state: QueueState, claims: readonly ClaimRef[], field = "claims"): Refusal | null {
  const { lives } = state;
  const index = claims.findIndex(({ tag }) => !isOfLives(lives, tag));
  if (index < 0) return null;
  return {
    kind: "invalid",
    field: `${field}[${index}]`,
    given: "a claim token of another queue",
    allowed: "claim tokens of this queue",
  };
}
