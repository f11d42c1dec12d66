// The revoked tokens that an isolate knows of. It asks the directory for those that are new, at most every so often; until then a
// token that was revoked elsewhere is still good here. Knows neither HTTP nor the directory: its caller passes in how to ask.

import { LIMITS } from "../core/limits.ts";
import type { RevokedToken } from "../core/revoked-token.ts";
import type { Grant } from "./grant.ts";

/** Within this every isolate that is in use has heard of a revocation. ms. */
export const REVOKED_WITHIN_MS = 30_000;
/** After a failure it is asked again. ms. */
const RETRY_MS = 5_000;

/** Those with a higher `seq`. */
type Ask = (seq: number) => Promise<readonly RevokedToken[]>;

export class Revocations {
  /** When each of them would have ended. */
  readonly #known = new Map<string, number>();
  #seq = 0;
  #hasAsked = false;
  /** Past this it asks again. A clock that was set back asks at once. */
  #askAt = Number.NEGATIVE_INFINITY;

  /**
   * Asks if it is time. Those who come meanwhile go by what is known, but for the first ones of an isolate, which know nothing and
   * ask themselves. If the directory cannot be asked, what is known counts on. Never rejected.
   *
   * @param failed called with the reason when the directory cannot be asked
   */
  async refresh(ask: Ask, now: number, failed: (error: unknown) => void): Promise<void> {
    if (now < this.#askAt && this.#askAt - now <= REVOKED_WITHIN_MS) return;
    if (this.#hasAsked) this.#askAt = now + REVOKED_WITHIN_MS;
    try {
      for (const token of await ask(this.#seq)) {
        this.add(token, now);
        this.#seq = Math.max(this.#seq, token.seq);
      }
      this.#hasAsked = true;
      this.#askAt = now + REVOKED_WITHIN_MS;
    } catch (error) {
      this.#askAt = now + RETRY_MS;
      failed(error);
    }
  }

  /** As many are revoked at one time as the directory keeps; those that have ended since go when there are twice as many. */
  add({ id, expiresAt }: Pick<RevokedToken, "id" | "expiresAt">, now: number): void {
    this.#known.set(id, Math.max(expiresAt, this.#known.get(id) ?? 0));
    if (this.#known.size < 2 * LIMITS.revokedTokens) return;
    for (const [known, endsAt] of this.#known) if (endsAt <= now) this.#known.delete(known);
  }

  /** How many are remembered. */
  get size(): number {
    return this.#known.size;
  }

  covers({ tokenIds = [] }: Grant): boolean {
    return this.#known.size > 0 && tokenIds.some((id) => this.#known.has(id));
  }
}

/** Of this isolate: its HTTP requests and its objects' sockets. */
export const REVOCATIONS = new Revocations();
