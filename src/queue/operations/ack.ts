// Ends claims with success: their tasks are done and gone (P5).

import type { ClaimRef } from "../../core/claim-token.ts";
import { LIMITS } from "../../core/limits.ts";
import type { ItemResult } from "../../core/operation.ts";
import { DONE } from "../../store/task-row.ts";
import { heldClaim } from "../claims/held-claim.ts";
import { headByKey } from "../tasks/find-task.ts";
import { gatherOut } from "../tasks/take-out.ts";
import { foreignClaim } from "./foreign-claim.ts";
import type { QueueState } from "../state.ts";
import { LATER } from "../turn.ts";
import type { OnClaims } from "./run.ts";

const ACKED: ItemResult = { ok: true };
const LOST: ItemResult = { ok: false, code: "claim-lost" };

export const ack: OnClaims<"ack"> = (state, input, now) => {
  const refusal = foreignClaim(state, input.claims);
  if (refusal !== null) return refusal;
  const results = state.divided.resultsOf(input.claims);
  const notHeld: number[] = [];
  let bytes = 0;
  // Each of the payloads may be one of the largest: to free them all takes too long for one turn. What was acked stays so.
  while (results.length < input.claims.length && bytes < LIMITS.turnFreedBytes) {
    const ref = input.claims[results.length];
    if (ref === undefined) break;
    const claim = heldClaim(state, ref, now);
    if (claim !== undefined) {
      gatherOut(state, claim, claim, now, "acked");
      bytes += claim.bytes;
      results.push(ACKED);
    } else {
      // Where another holds the task it is there still, though that one may be acked by this very call.
      if (!state.claims.hasKey(ref.key)) notHeld.push(results.length);
      results.push(LOST);
    }
  }
  for (const index of notHeld) {
    const ref = input.claims[index];
    if (ref !== undefined) results[index] = lost(state, ref);
  }
  if (results.length === input.claims.length) return { kind: "acked", results };
  state.divided.goesOn(input.claims, results);
  return LATER;
};

/** Why a claim is not held: the task is gone, or it is there and the claim has ended (P4). */
export function lost(state: QueueState, ref: ClaimRef): Extract<ItemResult, { ok: false }> {
  // Rows of tasks that this turn has acked may still be there.
  state.writeTasks();
  const head = headByKey(state, ref.key);
  return { ok: false, code: head === undefined || head.state === DONE ? "task-not-found" : "claim-lost" };
}
