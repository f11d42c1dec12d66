// Which claims each socket holds, so that its credit is counted, and its claims given back, without a look at any other.

import type { Claim } from "./claim.ts";

const NONE: ReadonlySet<Claim> = new Set();

export class ClaimHolders {
  readonly #claims = new Map<string, Set<Claim>>();
  /** Holders with fewer claims than when they were last asked for. */
  readonly #relieved = new Set<string>();

  add(claim: Claim): void {
    const { holder } = claim.slot;
    if (holder === null) return;
    const held = this.#claims.get(holder);
    if (held === undefined) this.#claims.set(holder, new Set([claim]));
    else held.add(claim);
  }

  remove(claim: Claim): void {
    const { holder } = claim.slot;
    if (holder === null) return;
    const held = this.#claims.get(holder);
    held?.delete(claim);
    if (held?.size === 0) this.#claims.delete(holder);
    this.#relieved.add(holder);
  }

  clear(): void {
    for (const holder of this.#claims.keys()) this.#relieved.add(holder);
    this.#claims.clear();
  }

  /** A view that changes with the claims. */
  heldBy(holder: string): ReadonlySet<Claim> {
    return this.#claims.get(holder) ?? NONE;
  }

  /** The holders of claims that have ended, however they did, since this was last asked. */
  takeRelieved(): string[] {
    if (this.#relieved.size === 0) return [];
    const relieved = [...this.#relieved];
    this.#relieved.clear();
    return relieved;
  }
}
