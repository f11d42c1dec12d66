// Acks and nacks in one commit: what a consumer has to say of several tasks happens whole or not at all. Only what is beyond the
// payloads that one turn may free, or write anew, happens in the turns after it.

import type { ItemResult, OutcomeOf } from "../../core/operation.ts";
import { ack } from "./ack.ts";
import { foreignClaim } from "./foreign-claim.ts";
import { LATER } from "../turn.ts";
import { nack } from "./nack.ts";
import type { OnClaims } from "./run.ts";

export const settle: OnClaims<"settle"> = (state, input, now) => {
  const nacked = input.nacks.map((item) => item.claim);
  const refusal = foreignClaim(state, input.acks, "acks") ?? foreignClaim(state, nacked, "nacks");
  if (refusal !== null) return refusal;
  const acked = ack(state, { claims: input.acks }, now);
  if (acked === LATER) return LATER;
  const acks = resultsOf(acked);
  state.writeTasks();
  const nacks = nack(state, { claims: input.nacks }, now);
  if (nacks !== LATER) return { kind: "settled", acks, nacks: resultsOf(nacks) };
  state.divided.goesOn(input.acks, acks);
  return LATER;
};

function resultsOf(outcome: OutcomeOf<"ack" | "nack">): ItemResult[] {
  if (outcome.kind === "acked" || outcome.kind === "nacked") return outcome.results;
  throw new Error(`refused after it was checked: ${outcome.kind}`);
}
