// Ends claims with success: their tasks are done and gone (P5).

import type { ClaimRef } from "../../core/claim-token.ts";
import type { ItemResult, OutcomeOf } from "../../core/operation.ts";
import { DONE } from "../../store/task-row.ts";
import type { Claim } from "../claims/claim.ts";
import { heldClaim } from "../claims/held-claim.ts";
import { headByKey } from "../tasks/find-task.ts";
import { gatherOut } from "../tasks/take-out.ts";
import { foreignClaim } from "./foreign-claim.ts";
import type { QueueState } from "../state.ts";

export function ack(state: QueueState, input: { readonly claims: readonly ClaimRef[] }, now: number): OutcomeOf<"ack"> {
  const refusal = foreignClaim(state, input.claims);
  if (refusal !== null) return refusal;
  const acked = new Set<Claim>();
  const results = input.claims.map((ref): ItemResult => {
    const claim = heldClaim(state, ref, now);
    if (claim === undefined || acked.has(claim)) return lost(state, ref, claim);
    acked.add(claim);
    return { ok: true };
  });
  gatherOut(state, [...acked], now, "acked");
  return { kind: "acked", results };
}

/** Why a claim is not held: the task is gone, or it is there and the claim has ended (P4). */
export function lost(state: QueueState, ref: ClaimRef, endedHere?: Claim): Extract<ItemResult, { ok: false }> {
  // Rows of tasks that this turn has acked may still be there.
  state.writeTasks();
  const head = endedHere === undefined ? headByKey(state, ref.key) : undefined;
  return { ok: false, code: head === undefined || head.state === DONE ? "task-not-found" : "claim-lost" };
}
