// Acks and nacks in one commit: what a consumer has to say of several tasks happens whole or not at all.

import type { InputOf, OutcomeOf, Refusal } from "../../core/operation.ts";
import type { QueueState } from "../state.ts";
import { ack } from "./ack.ts";
import { foreignClaim } from "./foreign-claim.ts";
import { nack } from "./nack.ts";

export function settle(state: QueueState, input: InputOf<"settle">, now: number): OutcomeOf<"settle"> {
  const nacked = input.nacks.map((item) => item.claim);
  const refusal = foreignClaim(state, input.acks, "acks") ?? foreignClaim(state, nacked, "nacks");
  if (refusal !== null) return refusal;
  const acks = ack(state, { claims: input.acks }, now);
  state.writeTasks();
  const nacks = nack(state, { claims: input.nacks }, now);
  return { kind: "settled", acks: resultsOf(acks), nacks: resultsOf(nacks) };
}

function resultsOf<Results>(outcome: { readonly results: Results } | Refusal): Results {
  if ("results" in outcome) return outcome.results;
  throw new Error(`refused after it was checked: ${outcome.kind}`);
}
