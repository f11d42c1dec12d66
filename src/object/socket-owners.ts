// Whose sockets are open to one object: how many each holder of a token has.

import type { Grant } from "../api/grant.ts";

export class SocketOwners {
  readonly #open = new Map<string, number>();

  /** Of those who are nobody in particular, none is counted. */
  socketsOf(owner = ""): number {
    return this.#open.get(owner) ?? 0;
  }

  opened({ owner }: Grant): void {
    if (owner !== undefined) this.#open.set(owner, this.socketsOf(owner) + 1);
  }

  closed({ owner = "" }: Grant): void {
    const left = this.socketsOf(owner) - 1;
    if (left > 0) this.#open.set(owner, left);
    else this.#open.delete(owner);
  }
}
