// Consumers that wait for tasks, first come first served. Knows no timer: whoever holds it says when time has passed.

import type { ClaimInput, OutcomeOf } from "../core/operation.ts";
import { claim } from "./claim.ts";
import type { QueueState } from "./state.ts";
import { nextVisibleAt } from "./sweep.ts";

export interface Waiter {
  readonly input: ClaimInput;
  /** When waiting ends without a task. Infinity: never. */
  readonly until: number;
  /** Told once, with tasks or with none. */
  readonly answer: (outcome: OutcomeOf<"claim">) => void;
}

export class Waiters {
  readonly #waiting = new Set<Waiter>();

  get size(): number {
    return this.#waiting.size;
  }

  add(waiter: Waiter): void {
    this.#waiting.add(waiter);
  }

  /** The waiter gave up; it takes no task. */
  remove(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }

  /** Hands what is ready to those who wait, in the order in which they came, and sends away those whose time is over. */
  serve(state: QueueState, now: number): void {
    const empty = new Set<string>();
    for (const waiter of this.#waiting) {
      const lanes = JSON.stringify(waiter.input.lanes);
      const outcome: OutcomeOf<"claim"> = empty.has(lanes)
        ? { kind: "claimed", tasks: [] }
        : state.transaction(() => claim(state, waiter.input, now));
      const isEmpty = outcome.kind === "claimed" && outcome.tasks.length === 0;
      if (isEmpty) empty.add(lanes);
      // A queue at its limit of claims is one that has nothing to give yet.
      const canWait = isEmpty || outcome.kind === "too-many-claims";
      if (canWait && waiter.until > now) continue;
      this.#waiting.delete(waiter);
      waiter.answer(outcome);
    }
  }

  /** When to serve again if nothing is written until then; null: nobody waits. */
  nextAt(state: QueueState, now: number): number | null {
    if (this.#waiting.size === 0) return null;
    let next = state.claims.nextDeadline() ?? Number.POSITIVE_INFINITY;
    const lanes = new Set<string>();
    for (const { until, input } of this.#waiting) {
      next = Math.min(next, until);
      for (const lane of "any" in input.lanes ? input.lanes.any : input.lanes.inOrder) lanes.add(lane);
    }
    if (state.existing()?.settings.paused !== true) {
      next = Math.min(next, nextVisibleAt(state, now, [...lanes]) ?? next);
    }
    return next;
  }
}
