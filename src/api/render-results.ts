// The result of each claim of a batch, with the token it is about as it was sent, in the order of the request.

import type { ClaimRef } from "../core/claim-token.ts";
import type { ExtendResult, InputOf, ItemResult, NackItem, Operations } from "../core/operation.ts";

type OperationAnswer<Name extends keyof Operations> = Operations[Name]["answer"];

export interface Results {
  readonly kind: "acked" | "nacked" | "extended";
  readonly results: readonly (ItemResult | ExtendResult)[];
}

/** The claims of an ack, nack or extend. */
interface ClaimsInput {
  readonly claims: readonly (ClaimRef | NackItem)[];
}

export function renderResults({ results }: Results, input: ClaimsInput): string {
  return `{"results":${renderEach(results, input.claims)}}`;
}

export function renderSettled({ acks, nacks }: OperationAnswer<"settle">, input: InputOf<"settle">): string {
  return `{"acks":${renderEach(acks, input.acks)},"nacks":${renderEach(nacks, input.nacks)}}`;
}

function renderEach(results: Results["results"], claims: ClaimsInput["claims"]): string {
  const rendered = results.map((result, index) => {
    const item = claims[index];
    // A token has no character that JSON would write in another way.
    const claim = item === undefined ? "" : "claim" in item ? item.claim.token : item.token;
    return `{"claim":"${claim}",${isPlainSuccess(result) ? '"ok":true}' : JSON.stringify(result).slice(1)}`;
  });
  return `[${rendered.join(",")}]`;
}

/** Nearly every result is one, and has nothing more to say. */
function isPlainSuccess(result: ItemResult | ExtendResult): boolean {
  return result.ok && !("claimedUntil" in result);
}
