// Until when claims are held, in durations of this machine's: a clock that is set, here or on the server, changes none of them.
// It tells whether a call that was sent again met what its first sending had done: while the claim would still be held, nobody
// else could have ended it (P3).

import type { Clock } from "./clock.ts";
import type { ClaimRef, ClaimedTask } from "./task.ts";

export class Deadlines {
  readonly #clock: Clock;
  readonly #deadlines = new WeakMap<object, number>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Tasks whose claims have just come.
   *
   * @param claimTimeoutMs what was asked for; undefined: the queue's own, of which only the instant of its end is known
   */
  claimed(tasks: readonly ClaimedTask[], claimTimeoutMs: number | undefined): void {
    const now = this.#clock.now();
    for (const task of tasks) {
      this.#deadlines.set(
        task,
        claimTimeoutMs === undefined ? this.#fromInstant(task.claimedUntil) : now + claimTimeoutMs,
      );
    }
  }

  set(claim: object, deadline: number): void {
    this.#deadlines.set(claim, deadline);
  }

  /** Asked before the call is sent, so that time that passes meanwhile counts. null: a bare token does not say. */
  of(claims: readonly ClaimRef[]): (number | null)[] {
    return claims.map((claim) =>
      typeof claim === "string" ? null : (this.#deadlines.get(claim) ?? this.#fromInstant(claim.claimedUntil)),
    );
  }

  isAhead(deadline: number | null | undefined): boolean {
    return typeof deadline === "number" && deadline > this.#clock.now();
  }

  /** The one place where the clock on the wall is believed, for as long as this takes. */
  #fromInstant(instant: number): number {
    return this.#clock.now() + instant - Date.now();
  }
}
