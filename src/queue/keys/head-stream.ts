// Ready tasks of one key, in the order in which they became visible (P11). Whoever reads them may take a task or leave it where
// it is. A claim makes one for each key that it comes to, so it is little more than a place in what is known of the key.

import { keyOf } from "../../core/sequence.ts";
import type { Level, LevelReader } from "../ready/level.ts";
import type { QueueState } from "../state.ts";
import type { WholeTask } from "../tasks/whole-task.ts";
import type { Place } from "./read-ahead.ts";

export class HeadStream implements LevelReader {
  readonly level: Level;
  readonly #state: QueueState;
  readonly #now: number;
  /** Tasks after the cursor that have been looked at: the first of them was left. */
  #passed = 0;
  #leftUntil = Number.POSITIVE_INFINITY;

  constructor(state: QueueState, level: Level, now: number) {
    this.#state = state;
    this.level = level;
    this.#now = now;
  }

  /** The next ready task that is neither claimed nor done; undefined: there is none. The same one until it is taken or left. */
  peek(): WholeTask | undefined {
    if (this.level.nextAt > this.#now) return undefined;
    const { claims, gone, levels } = this.#state;
    for (let place = this.#place(); place !== undefined; place = this.#place()) {
      if (claims.get(place.seq) === undefined && !gone.has(place.seq)) {
        return levels.heads.taskAt(this.level, levels.heads.of(this.level).first + this.#passed);
      }
      this.#pass(place);
    }
    this.#atEnd();
    return undefined;
  }

  /** The task last looked at is claimed or settled in this transaction: the read cursor may move past it. */
  take(): void {
    const place = this.#place();
    if (place !== undefined) this.#pass(place);
  }

  /** The task last looked at stays as it is, and can be taken from `until` on: later claims find it, and what was read after it. */
  leave(until: number): void {
    this.#leftUntil = Math.min(this.#leftUntil, until);
    this.#passed += 1;
  }

  /** The read cursor follows until a task is left. */
  #pass({ visibleAt, seq }: Place): void {
    const { levels } = this.#state;
    if (this.#passed > 0) {
      this.#passed += 1;
      return;
    }
    levels.passed(this.level, visibleAt, keyOf(seq));
    levels.heads.passed(this.level, seq);
  }

  /** Where the next visible task stands. */
  #place(): Place | undefined {
    const { heads } = this.#state.levels;
    let page = heads.of(this.level);
    while (page.first + this.#passed >= page.places.length && !page.isWhole) {
      heads.read([this.level]);
      page = heads.of(this.level);
    }
    const place = page.places[page.first + this.#passed];
    return place !== undefined && place.visibleAt <= this.#now ? place : undefined;
  }

  /** Remembers that there is nothing more to read, so that the next claim need not look. */
  #atEnd(): void {
    const { levels } = this.#state;
    const { places, first } = levels.heads.of(this.level);
    // What is visible and stands there still was left.
    const next = places[first + this.#passed]?.visibleAt ?? Number.POSITIVE_INFINITY;
    levels.nextAt(this.level, Math.min(this.#leftUntil, next));
  }
}
