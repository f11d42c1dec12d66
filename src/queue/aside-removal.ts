// Removes the rows of what was purged or deleted, turn by turn, while others are served. After a crash the alarm goes on with it.

import type { QueueState } from "./state.ts";
import { removeAside } from "./sweep.ts";
import { LATER, type Turns } from "./turn.ts";

export class AsideRemoval {
  readonly #turns: Turns;
  readonly #state: () => QueueState;
  readonly #now: () => number;
  #isUnderWay = false;

  constructor(turns: Turns, state: () => QueueState, now: () => number) {
    this.#turns = turns;
    this.#state = state;
    this.#now = now;
  }

  /** At the end of a turn: begins, if there is something to remove. */
  begin(): void {
    if (this.#isUnderWay || !this.#state().aside.areThere) return;
    this.#isUnderWay = true;
    const job = (): typeof LATER | void => {
      const state = this.#state();
      if (state.transaction(() => removeAside(state, this.#now()))) return LATER;
      this.#isUnderWay = false;
      return undefined;
    };
    this.#turns.add("purged rows", job, () => (this.#isUnderWay = false));
  }
}
