// Tasks of keys with an order that wait for their retry in their old place. They are delayed, but the index has them by when they first
// became visible, so each is known by itself until its retry is due. Bounded: more than are kept count as ready meanwhile.

import { LIMITS } from "../core/limits.ts";
import { DeadlineHeap } from "./claims/deadline-heap.ts";

interface Waiting {
  readonly seq: number;
  readonly lane: string;
}

export class WaitingCounts {
  readonly #bySeq = new Map<number, Waiting>();
  readonly #next = new DeadlineHeap<Waiting>();

  /** How many more may be known. */
  get room(): number {
    return LIMITS.delayedKept - this.#bySeq.size;
  }

  /** @returns whether it counts as delayed from now on */
  add(seq: number, lane: string, retryAt: number): boolean {
    if (this.room <= 0) return false;
    const waiting = { seq, lane };
    this.#bySeq.set(seq, waiting);
    this.#next.set(waiting, retryAt);
    return true;
  }

  /** It is another, or gone. @returns whether it counted as delayed until now */
  remove(seq: number): boolean {
    // As in most queues, where this is asked for each task that ends: a number beyond 32 bits takes a map long to look up.
    if (this.#bySeq.size === 0) return false;
    const waiting = this.#bySeq.get(seq);
    if (waiting === undefined) return false;
    this.#bySeq.delete(seq);
    this.#next.delete(waiting);
    return true;
  }

  /**
   * @param due hears of the lane of each whose retry is due, `most` at a time
   * @returns whether there are more
   */
  ripen(now: number, most: number, due: (lane: string) => void): boolean {
    let looked = 0;
    for (let first = this.#next.peek(); first !== undefined && first.at <= now; first = this.#next.peek()) {
      if (looked >= most) return true;
      looked += 1;
      this.remove(first.item.seq);
      due(first.item.lane);
    }
    return false;
  }

  clear(): void {
    this.#bySeq.clear();
    this.#next.clear();
  }
}
