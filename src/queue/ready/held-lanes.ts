// How many lanes hold tasks: a queue has a bounded number of them at a time. Which lanes these are is not known here.

import { LIMITS } from "../../core/limits.ts";

export class HeldLanes {
  /** May be too many, never too few; null: to be counted. */
  #lanes: number | null = null;
  #mayBeFewer = false;
  readonly #count: () => number;

  constructor(count: () => number) {
    this.#count = count;
  }

  /** Whether so many further lanes may hold tasks. */
  hasRoomFor(lanes: number): boolean {
    if (lanes === 0) return true;
    this.#lanes ??= this.#count();
    if (this.#lanes + lanes <= LIMITS.lanes) return true;
    // Tasks may have been removed that nobody has claimed; counted again only if so.
    if (!this.#mayBeFewer) return false;
    this.#lanes = this.#count();
    this.#mayBeFewer = false;
    return this.#lanes + lanes <= LIMITS.lanes;
  }

  joined(): void {
    if (this.#lanes !== null) this.#lanes += 1;
  }

  left(): void {
    if (this.#lanes !== null) this.#lanes -= 1;
  }

  /** A lane may hold no tasks any longer that is still counted. */
  mayBeFewer(): void {
    this.#mayBeFewer = true;
  }

  /** It is counted anew when somebody asks. */
  forget(): void {
    this.#lanes = null;
  }
}
