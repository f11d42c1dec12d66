// Claims that wait for a task: each is one call, answered when something is ready, when its time is over, or when its client
// has gone.

import type { ClaimInput, OutcomeOf } from "../../core/operation.ts";
import type { Waiter, Waiters } from "./waiters.ts";

export class ParkedClaims {
  readonly #waiters: Waiters;
  readonly #afterCommit: (effect: () => void) => void;
  readonly #byTicket = new Map<string, Waiter>();
  /** Those that began to wait in this turn. */
  readonly #began: string[] = [];

  constructor(waiters: Waiters, afterCommit: (effect: () => void) => void) {
    this.#waiters = waiters;
    this.#afterCommit = afterCommit;
  }

  get size(): number {
    return this.#byTicket.size;
  }

  /** In a turn: the claim waits until `until`, and is answered once. */
  park(input: ClaimInput, ticket: string, until: number, answered: (outcome: OutcomeOf<"claim">) => void): void {
    const answer = (outcome: OutcomeOf<"claim">): boolean => {
      this.#afterCommit(() => {
        this.#byTicket.delete(ticket);
        answered(outcome);
      });
      return false;
    };
    const waiter: Waiter = { input, until, room: () => input.max, answer };
    this.#byTicket.set(ticket, waiter);
    this.#began.push(ticket);
    this.#waiters.add(waiter);
  }

  /** In a turn: the client has gone. The claim takes no task, and is answered with none. */
  leave(ticket: string): void {
    const waiter = this.#byTicket.get(ticket);
    if (waiter !== undefined) this.#waiters.dismiss(waiter);
  }

  committed(): void {
    this.#began.length = 0;
  }

  /** The turn failed: the calls that began to wait in it are made again. */
  rolledBack(): void {
    for (const ticket of this.#began.splice(0)) {
      const waiter = this.#byTicket.get(ticket);
      if (waiter !== undefined) this.#waiters.remove(waiter);
      this.#byTicket.delete(ticket);
    }
  }
}
