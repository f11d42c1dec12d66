// When the outbox is delivered: at once after the commit that filled it, and again, by the alarm, for as long as it is not
// known that the messages arrived.

import { earliest } from "../chores.ts";
import type { Courier } from "./courier.ts";

/** How soon the alarm looks after messages whose delivery may be cut off by a crash. Doubles, since every look costs a row. */
const FIRST_WATCH_MS = 1_000;
const LONGEST_WATCH_MS = 300_000;

export class Delivery {
  readonly #courier: Courier;
  readonly #takeOutgoing: () => readonly string[];
  readonly #isOutgoing: () => boolean;
  #watchMs = FIRST_WATCH_MS;

  /** @param outgoing receivers that committed changes have left messages for since they were last taken */
  constructor(courier: Courier, outgoing: { readonly take: () => readonly string[]; readonly isThere: () => boolean }) {
    this.#courier = courier;
    this.#takeOutgoing = outgoing.take;
    this.#isOutgoing = outgoing.isThere;
  }

  /** The next attempt, or the next look after a delivery that is under way or begins with this turn. */
  nextAt(now: number): number | null {
    if (this.isDue(now)) return now + FIRST_WATCH_MS;
    return earliest(this.#courier.isUnderWay ? now + this.#watchMs : null, this.#courier.nextAt());
  }

  /** Whether there is something to send that does not wait for its next attempt. */
  isDue(now: number): boolean {
    const retryAt = this.#courier.nextAt();
    return this.#isOutgoing() || (retryAt !== null && retryAt <= now);
  }

  /** The alarm rings: what is still under way is looked after less often. */
  rang(): void {
    this.#watchMs = Math.min(this.#watchMs * 2, LONGEST_WATCH_MS);
  }

  /** After the commit of a turn in which something was due. */
  async send(now: number): Promise<void> {
    this.#watchMs = FIRST_WATCH_MS;
    await this.#courier.deliver(this.#takeOutgoing(), now);
  }
}
