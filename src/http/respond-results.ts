// The answer to a batch of claims: beside each result the token it is about, as it was sent.

import type { ExtendResult, ItemResult, Refusal } from "../core/operation.ts";
import { answered } from "./http-error.ts";
import { respondJson } from "./respond.ts";

/** Keeps the tokens of a body beside the input that is parsed from it. */
export function withTokens<Input>(
  parse: (body: unknown) => Input,
): (body: unknown) => { input: Input; tokens: string[] } {
  return (body) => {
    const input = parse(body);
    // `parse` has made sure of this form.
    const { claims } = body as { claims: (string | { claim: string })[] };
    return { input, tokens: claims.map((claim) => (typeof claim === "string" ? claim : claim.claim)) };
  };
}

type Results = {
  readonly kind: "acked" | "nacked" | "extended";
  readonly results: readonly (ItemResult | ExtendResult)[];
};

export function respondResults(tokens: readonly string[], outcome: Results | Refusal): Response {
  const { results } = answered(outcome);
  return respondJson({ results: results.map((result, index) => ({ claim: tokens[index], ...result })) });
}
