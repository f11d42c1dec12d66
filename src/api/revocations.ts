// The revoked tokens that an isolate knows of. It asks the directory for those that are new, at most every so often; until then a
// token that was revoked elsewhere is still good here. Knows neither HTTP nor the directory: its caller passes in how to ask.

import type { RevokedToken } from "../core/revoked-token.ts";
import type { Grant } from "./grant.ts";

/** Within this every isolate that is in use has heard of a revocation. ms. */
export const REVOKED_WITHIN_MS = 30_000;
/** After a failure it is asked again. ms. */
const RETRY_MS = 5_000;

/** Those with a higher `seq`. */
type Ask = (seq: number) => Promise<readonly RevokedToken[]>;

export class Revocations {
  readonly #known = new Set<string>();
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
      for (const { seq, id } of await ask(this.#seq)) {
        this.add(id);
        this.#seq = Math.max(this.#seq, seq);
      }
      this.#hasAsked = true;
      this.#askAt = now + REVOKED_WITHIN_MS;
    } catch (error) {
      this.#askAt = now + RETRY_MS;
      failed(error);
    }
  }

  /** Never forgotten: the list is bounded, and an isolate lives for hours. */
  add(id: string): void {
    this.#known.add(id);
  }

  covers({ tokenIds = [] }: Grant): boolean {
    return this.#known.size > 0 && tokenIds.some((id) => this.#known.has(id));
  }
}

/** Of this isolate: its HTTP requests and its objects' sockets. */
export const REVOCATIONS = new Revocations();
