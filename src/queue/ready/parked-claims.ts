// Claims that wait for a task: each is one call, answered when something is ready, when its wait ends, or when its client
// has gone.

import type { ClaimInput, OutcomeOf, Refusal } from "../../core/operation.ts";
import type { QueueHost } from "../queue-host.ts";
import { LATER, type Turns } from "../turn.ts";
import type { Waiter, Waiters } from "./waiters.ts";

export class ParkedClaims {
  readonly #waiters: Waiters;
  readonly #turns: Pick<Turns<unknown>, "add" | "afterCommit">;
  readonly #now: () => number;
  readonly #host: Pick<QueueHost, "nonce">;
  readonly #byTicket = new Map<string, Waiter>();
  /** Those that began to wait in this turn. */
  readonly #began: string[] = [];

  /** @param now the instant of the turn */
  constructor(
    waiters: Waiters,
    turns: Pick<Turns<unknown>, "add" | "afterCommit">,
    now: () => number,
    host: Pick<QueueHost, "nonce">,
  ) {
    this.#waiters = waiters;
    this.#turns = turns;
    this.#now = now;
    this.#host = host;
  }

  get size(): number {
    return this.#byTicket.size;
  }

  /**
   * In the next turn: claims, or waits if there is nothing to claim.
   *
   * @param entry says why no further claim may wait; null: it may
   */
  claimOrWait(
    { waitMs = 0, ticket, ...input }: ClaimInput,
    entry: { parking(): Refusal | null },
    claim: (input: ClaimInput) => OutcomeOf<"claim"> | typeof LATER,
  ): Promise<OutcomeOf<"claim">> {
    return new Promise((resolve, reject) => {
      const job = (): typeof LATER | void => {
        const outcome = claim(input);
        if (outcome === LATER) return LATER;
        const isEmpty = outcome.kind === "claimed" && outcome.tasks.length === 0;
        // A queue at its limit of claims is one that has nothing to give yet.
        if (!isEmpty && outcome.kind !== "too-many-claims") this.#turns.afterCommit(() => resolve(outcome));
        else {
          const refusal = entry.parking();
          if (refusal === null) this.#park(input, ticket ?? this.#host.nonce(), this.#now() + waitMs, resolve);
          else this.#turns.afterCommit(() => resolve(refusal));
        }
        return undefined;
      };
      this.#turns.add({ name: "claim", bytes: 0, apply: job, fail: reject });
    });
  }

  /** In a turn: the claim waits until `until`, and is answered once. */
  #park(input: ClaimInput, ticket: string, until: number, answered: (outcome: OutcomeOf<"claim">) => void): void {
    const answer = (outcome: OutcomeOf<"claim">): boolean => {
      this.#turns.afterCommit(() => {
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
