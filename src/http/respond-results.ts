// The answer to a batch of claims: beside each result the token it is about, as it was sent.

import type { Refusal } from "../core/operation.ts";
import { renderResults, tokensOf, type Results } from "../wire/render-results.ts";
import { answered } from "./http-error.ts";
import { respondText } from "./respond.ts";

/** Keeps the tokens of a body beside the input that is parsed from it. */
export function withTokens<Input>(
  parse: (body: unknown) => Input,
): (body: unknown) => { input: Input; tokens: string[] } {
  return (body) => ({ input: parse(body), tokens: tokensOf(body) });
}

export function respondResults(tokens: readonly string[], outcome: Results | Refusal): Response {
  return respondText(renderResults(tokens, answered(outcome)));
}
