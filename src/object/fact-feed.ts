// The facts that one socket is sent: which it wants, and how many it has missed. A client that does not read is sent no more of them;
// they are counted, in the socket's attachment, and it is sent their number when it reads again. The facts themselves are kept nowhere.

import type { FactFilter } from "../core/task-fact.ts";

/** As it outlives the object's sleep. */
export interface Tailed extends FactFilter {
  /** Facts that it missed since it was last notified of a gap. */
  readonly missed: number;
}

/** The socket. */
export interface FactHost {
  /** It has so much unread that it is sent nothing which it has not asked for. */
  readonly isHeld: boolean;
  say(message: string): void;
  /** Keeps what outlives the object's sleep. */
  keep(): void;
}

/** Some 10 KB, so that one who reads slowly has missed as few as may be. */
const FACTS_A_MESSAGE = 50;

export class FactFeed {
  readonly #host: FactHost;
  #tailed: Tailed | null;

  /** @param tailed null: it is sent none */
  constructor(tailed: Tailed | null, host: FactHost) {
    this.#tailed = tailed;
    this.#host = host;
  }

  get tailed(): Tailed | null {
    return this.#tailed;
  }

  /** From now on it is sent these, also after a turn that fails: it asks again then, and nothing else changes. */
  tail(filter: FactFilter): void {
    this.#tailed = { ...filter, missed: this.#tailed?.missed ?? 0 };
    this.#host.keep();
  }

  /** Some were not sent, and there is room for saying so. */
  get hasMissed(): boolean {
    return this.#tailed !== null && this.#tailed.missed > 0 && !this.#host.isHeld;
  }

  /**
   * After the commit of the turn that recorded them.
   *
   * @param facts JSON of each
   * @param beyond how many more there were, which are not sent
   */
  tell(facts: readonly string[], beyond: number): void {
    if (this.#tailed === null) return;
    this.#sayMissed();
    let sent = 0;
    while (sent < facts.length && !this.#host.isHeld) {
      const some = facts.slice(sent, sent + FACTS_A_MESSAGE);
      this.#host.say(`{"op":"facts","facts":[${some.join(",")}]}`);
      sent += some.length;
    }
    const missed = facts.length - sent + beyond;
    if (missed > 0) this.#setMissed(this.#tailed.missed + missed);
    this.#sayMissed();
  }

  #sayMissed(): void {
    if (this.#tailed === null || !this.hasMissed) return;
    this.#host.say(`{"op":"facts","facts":[],"missed":${this.#tailed.missed}}`);
    this.#setMissed(0);
  }

  #setMissed(missed: number): void {
    if (this.#tailed === null) return;
    this.#tailed = { ...this.#tailed, missed };
    this.#host.keep();
  }
}
