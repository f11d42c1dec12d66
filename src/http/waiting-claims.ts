// How many claims of one token wait at one time in this isolate: each holds a request open, and one place of those that a queue
// has for all (LIMITS.parkedClaims).

import type { Grant } from "../api/grant.ts";
import { LIMITS } from "../core/limits.ts";
import { problem } from "../protocol/problem.ts";
import { HttpError } from "./http-error.ts";

export class WaitingClaims {
  readonly #ofOwner = new Map<string, number>();

  /**
   * Counts a claim that may wait until `ended` is called. Of those who are nobody in particular, none is counted.
   *
   * @throws {HttpError} `rate-limited` at the token's bound
   */
  begin({ owner, parkedClaims: most = LIMITS.parkedClaimsOfToken }: Grant): () => void {
    if (owner === undefined) return () => {};
    const waiting = this.#ofOwner.get(owner) ?? 0;
    if (waiting >= most) throw tooMany(most);
    this.#ofOwner.set(owner, waiting + 1);
    return () => {
      const left = (this.#ofOwner.get(owner) ?? 1) - 1;
      if (left === 0) this.#ofOwner.delete(owner);
      else this.#ofOwner.set(owner, left);
    };
  }
}

/** Of this isolate. */
export const WAITING_CLAIMS = new WaitingClaims();

function tooMany(most: number): HttpError {
  return new HttpError(
    problem("rate-limited", `The token's limit is ${most} claims that wait at one time`, { limit: most }),
  );
}
