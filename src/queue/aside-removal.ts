// Removes the rows of what was purged, deleted or replaced by an import, and what keys' rows say of it, turn by turn, while others
// are served. After a crash the alarm's turn goes on with it.

import { LIMITS } from "../core/limits.ts";
import type { QueueState } from "./state.ts";
import { LATER, type Turns } from "./turn.ts";

/** Rows that go in one turn, if they are not so large that fewer do. */
const ROWS = 2_000;
/** How soon the alarm looks whether it was cut off: later than it takes by itself, since every look costs a row. ms. */
const WATCH_MS = 10_000;

export class AsideRemoval {
  readonly #turns: Turns<unknown>;
  readonly #state: () => QueueState;
  readonly #now: () => number;
  #isUnderWay = false;

  constructor(turns: Turns<unknown>, state: () => QueueState, now: () => number) {
    this.#turns = turns;
    this.#state = state;
    this.#now = now;
  }

  /** null: there is nothing to remove. */
  nextAt(now: number): number | null {
    return isLeft(this.#state()) ? now + WATCH_MS : null;
  }

  /** At the end of a turn: begins, if there is something to remove. */
  begin(): void {
    if (this.#isUnderWay || !isLeft(this.#state())) return;
    this.#isUnderWay = true;
    const job = (): typeof LATER | void => {
      const state = this.#state();
      const hasMail = (): boolean => removeSome(state, this.#now());
      if (state.transaction(hasMail)) state.outbox.joined();
      if (isLeft(state)) return LATER;
      this.#isUnderWay = false;
      return undefined;
    };
    const fail = (): void => void (this.#isUnderWay = false);
    this.#turns.add({ name: "purged rows", bytes: 0, apply: job, fail });
  }
}

function isLeft({ aside, row }: QueueState): boolean {
  return aside.areThere || (row !== null && row.purgesSwept < row.purges);
}

/** First what was set aside, and then what rows of keys say of tasks in it. True: the outbox has all messages. */
function removeSome(state: QueueState, now: number): boolean {
  const { aside, keys, row } = state;
  if (aside.areThere) return aside.removeSome(ROWS, LIMITS.turnRewrittenBytes, now);
  if (row !== null && !keys.sweepPurged(ROWS, LIMITS.turnRewrittenBytes, now)) {
    state.put({ ...row, purgesSwept: row.purges });
  }
  return false;
}
