// Which lanes hold tasks: a queue has a bounded number of them at a time. They are looked for once; from then on each that a task comes
// to is added, and only those are looked at again whose tasks may all be gone.

import { LIMITS } from "../../core/limits.ts";

/** What the index knows. */
export interface LanesInIndex {
  /** Every lane that holds tasks, but the default one. */
  find(): Iterable<string>;
  holds(lane: string): boolean;
}

export class HeldLanes {
  /** May be too many, never too few; null: not looked for yet. */
  #lanes: Set<string> | null = null;
  /** Some of them, which a task has left. */
  readonly #doubtful = new Set<string>();
  readonly #index: LanesInIndex;

  constructor(index: LanesInIndex) {
    this.#index = index;
  }

  /** Whether these may hold tasks as well. */
  hasRoomFor(lanes: ReadonlySet<string>): boolean {
    if (lanes.size === 0) return true;
    const held = (this.#lanes ??= new Set(this.#index.find()));
    if (hasRoom(held, lanes)) return true;
    for (const lane of this.#doubtful) if (!this.#index.holds(lane)) held.delete(lane);
    this.#doubtful.clear();
    return hasRoom(held, lanes);
  }

  /** A task has come to a lane that is not the default one. */
  joined(lane: string): void {
    this.#lanes?.add(lane);
  }

  /** The lane may hold no tasks any longer. */
  mayBeEmpty(lane: string): void {
    if (this.#lanes?.has(lane) === true) this.#doubtful.add(lane);
  }

  /** They are looked for again when somebody asks. */
  forget(): void {
    this.#lanes = null;
    this.#doubtful.clear();
  }
}

function hasRoom(held: ReadonlySet<string>, lanes: ReadonlySet<string>): boolean {
  return held.size + lanes.difference(held).size <= LIMITS.lanes;
}
