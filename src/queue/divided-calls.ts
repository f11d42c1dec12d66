// Results for the claims of calls that are divided over several turns. Each turn's part stays done once it is committed,
// whatever becomes of the next: so it is kept here, outside of the memory that is thrown away with a turn that fails.

import type { ClaimRef } from "../core/claim-token.ts";
import type { InputOf, ItemResult, OperationName, Refusal } from "../core/operation.ts";

/** The claims that a call names, as it came. */
type Claims = readonly ClaimRef[] | InputOf<"nack">["claims"];

export class DividedCalls {
  readonly #committed = new WeakMap<Claims, readonly ItemResult[]>();
  /** Of the turn that runs. */
  readonly #inTurn = new Map<Claims, readonly ItemResult[]>();

  /** What became of the first of these claims in the turns before. */
  resultsOf(claims: Claims): ItemResult[] {
    const known = this.#committed.get(claims);
    return known === undefined ? [] : [...known];
  }

  /** The call goes on in the next turn, after these results. */
  goesOn(claims: Claims, results: readonly ItemResult[]): void {
    this.#inTurn.set(claims, results);
  }

  committed(): void {
    for (const [claims, results] of this.#inTurn) this.#committed.set(claims, results);
    this.#inTurn.clear();
  }

  rolledBack(): void {
    this.#inTurn.clear();
  }

  /** The answer to a call of which a turn failed after others had done a part of it; null: nothing of it was done. */
  unfinished<Name extends OperationName>(name: Name, input: InputOf<Name>, error: unknown): Unfinished | null {
    const results = claimsOf(name, input).flatMap((claims) => this.#settled(claims));
    return results.length === 0 ? null : { kind: "unfinished", error: String(error), results };
  }

  #settled(claims: Claims): Unfinished["results"] {
    const results = this.#committed.get(claims) ?? [];
    return results.map((result, index) => {
      const item = claims[index];
      return { claim: item === undefined ? "" : "token" in item ? item.token : item.claim.token, ...result };
    });
  }
}

export type Unfinished = Extract<Refusal, { readonly kind: "unfinished" }>;

function claimsOf<Name extends OperationName>(name: Name, input: InputOf<Name>): Claims[] {
  if (name === "settle") {
    const { acks, nacks } = input as InputOf<"settle">;
    return [acks, nacks];
  }
  return name === "ack" || name === "nack" ? [(input as InputOf<"ack"> | InputOf<"nack">).claims] : [];
}
