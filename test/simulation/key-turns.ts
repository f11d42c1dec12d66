// Whose turn it was, counted: how many tasks of one key were given out while another key of the same lane and priority waited
// all the while (K4).

import type { KeyedTask } from "./keyed-model.ts";

export class KeyTurns {
  /** By place, then by the key that waits: the turns that others have had since it could have had one. */
  readonly #passed = new Map<string, Map<string, Map<string, number>>>();

  clear(): void {
    this.#passed.clear();
  }

  /**
   * A task is given out.
   *
   * @param beside the next of each key of its lane and priority that may be given out, itself among them
   * @returns how many turns its key has had while another waited, if that is more than it may have; null: it is not
   */
  served(
    { lane, priority, key }: KeyedTask,
    beside: readonly KeyedTask[],
    weightOf: (key: string) => number,
  ): number | null {
    const place = `${priority} ${lane}`;
    const waiting = new Set(beside.map((other) => nameOf(other.key)));
    const before = this.#passed.get(place) ?? new Map<string, Map<string, number>>();
    const after = new Map<string, Map<string, number>>();
    this.#passed.set(place, after);
    const served = nameOf(key);
    let most = 0;
    for (const name of waiting) {
      if (name === served) continue;
      const turns = before.get(name) ?? new Map<string, number>();
      turns.set(served, (turns.get(served) ?? 0) + 1);
      after.set(name, turns);
      most = Math.max(most, turns.get(served) ?? 0);
    }
    // One turn that it had begun, and those of one round.
    return most > 1 + (key === null ? 1 : weightOf(key)) ? most : null;
  }
}

/** Tasks without a key take turns as if they shared one. */
function nameOf(key: string | null): string {
  return key === null ? "" : `of ${key}`;
}
