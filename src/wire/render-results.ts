// What became of each claim of a batch: beside each result the token it is about, as it was sent, in the order of the request.

import type { ExtendResult, ItemResult } from "../core/operation.ts";

export interface Results {
  readonly kind: "acked" | "nacked" | "extended";
  readonly results: readonly (ItemResult | ExtendResult)[];
}

/** The tokens in the body of an ack, nack or extend that has been parsed, and so is known to have this form. */
export function tokensOf(body: unknown): string[] {
  const { claims } = body as { claims: (string | { claim: string })[] };
  return claims.map((claim) => (typeof claim === "string" ? claim : claim.claim));
}

export function renderResults(tokens: readonly string[], { results }: Results): string {
  return JSON.stringify({ results: results.map((result, index) => ({ claim: tokens[index], ...result })) });
}
