// Whose sockets are open to one object: how many each token has, and what all of them may ask for in a second.

import type { Grant } from "../api/grant.ts";
import { Quota } from "../api/quota.ts";

interface Owned {
  sockets: number;
  /** One for all sockets of a token: opening another gives it no more. */
  readonly quota: Quota;
}

export class SocketOwners {
  readonly #owned = new Map<string, Owned>();

  /** Of those who are nobody in particular, none is counted. */
  socketsOf(owner = ""): number {
    return this.#owned.get(owner)?.sockets ?? 0;
  }

  opened(grant: Grant, now: () => number): Quota {
    const { owner } = grant;
    if (owner === undefined) return new Quota(grant, now);
    let owned = this.#owned.get(owner);
    if (owned === undefined) this.#owned.set(owner, (owned = { sockets: 0, quota: new Quota(grant, now) }));
    owned.sockets += 1;
    return owned.quota;
  }

  closed({ owner = "" }: Grant): void {
    const owned = this.#owned.get(owner);
    if (owned === undefined) return;
    owned.sockets -= 1;
    if (owned.sockets === 0) this.#owned.delete(owner);
  }
}
