// What became of each claim of a batch: beside each result the token it is about, as it was sent, in the order of the request.

import type { ClaimRef } from "../core/claim-token.ts";
import type { ExtendResult, ItemResult, NackItem } from "../core/operation.ts";

export interface Results {
  readonly kind: "acked" | "nacked" | "extended";
  readonly results: readonly (ItemResult | ExtendResult)[];
}

/** The claims of an ack, nack or extend. */
interface ClaimsInput {
  readonly claims: readonly (ClaimRef | NackItem)[];
}

export function renderResults({ results }: Results, input: ClaimsInput): string {
  const rendered = results.map((result, index) => {
    const item = input.claims[index];
    // A token has no character that JSON would write in another way.
    const claim = item === undefined ? "" : "claim" in item ? item.claim.token : item.token;
    return `{"claim":"${claim}",${JSON.stringify(result).slice(1)}`;
  });
  return `{"results":[${rendered.join(",")}]}`;
}
