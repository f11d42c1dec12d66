// Whose turn it is among lanes: of those asked for, the one that was served first the longest ago. Each lane's turn is its
// own, whichever lanes it is asked for with, so that claims over different lanes cannot starve one between them.

import { LIMITS } from "../../core/limits.ts";
import { putLast } from "../../core/put-last.ts";

export class LaneTurns {
  /** Lanes in the order in which they were last served first. */
  readonly #served = new Map<string, number>();
  #turn = 0;

  /** The lanes in the order of their turns; those that had none yet first, as they are given. */
  inTurn(lanes: readonly string[]): string[] {
    return lanes.toSorted((a, b) => (this.#served.get(a) ?? 0) - (this.#served.get(b) ?? 0));
  }

  /** The lane has had its turn. */
  served(lane: string): void {
    this.#turn += 1;
    // Lanes come and go; one that is forgotten is served as if it had not been yet.
    putLast(this.#served, lane, this.#turn, LIMITS.lanesKept);
  }
}
