// The keys of one lane and priority that hold tasks: those that may be offered, in the order of their turns, and those that
// wait for an instant. Those that wait for anything else are in neither, until they are woken.

import { DeadlineHeap } from "../claims/deadline-heap.ts";
import type { Level } from "../ready/level.ts";

/** Finished turns that are remembered beyond twice the keys in line, before those that are past are dropped. */
const STALE_TURNS = 1_024;

export class KeyRing {
  readonly lane: string;
  readonly priority: number;
  readonly #changed: (ring: KeyRing) => void;
  /** By the virtual time at which its turn begins. */
  readonly #inLine = new DeadlineHeap<Level>();
  readonly #later = new DeadlineHeap<Level>();
  /** By stored lane: when the turns that it had end, in virtual time. A key that comes back does not come back sooner. */
  readonly #turns = new Map<string, number>();
  /** The virtual time: when the turn that was had last began. A new key begins here, so that it has nothing to make up for. */
  #turn = 0;

  constructor(lane: string, priority: number, changed: (ring: KeyRing) => void) {
    this.lane = lane;
    this.priority = priority;
    this.#changed = changed;
  }

  /** When one of its keys may be offered: 0, or an instant to come. Infinity: nothing that time brings. */
  get nextAt(): number {
    return this.#inLine.size > 0 ? 0 : (this.#later.peek()?.at ?? Number.POSITIVE_INFINITY);
  }

  get size(): number {
    return this.#inLine.size + this.#later.size;
  }

  /** The virtual time of the first in line. */
  get firstTurn(): number {
    return this.#inLine.peek()?.at ?? Number.POSITIVE_INFINITY;
  }

  get turn(): number {
    return this.#turn;
  }

  turnsAhead(lane: string): number {
    return Math.max(0, (this.#turns.get(lane) ?? 0) - this.#turn);
  }

  /** It may be offered from an instant on. */
  offer(level: Level, at: number): void {
    this.#inLine.delete(level);
    if (at === Number.POSITIVE_INFINITY) this.#later.delete(level);
    else this.#later.set(level, at);
    this.#changed(this);
  }

  remove(level: Level): void {
    this.#inLine.delete(level);
    this.#later.delete(level);
    this.#changed(this);
  }

  /** The key whose turn it is. */
  first(now: number): Level | undefined {
    for (let next = this.#later.peek(); next !== undefined && next.at <= now; next = this.#later.peek()) {
      this.#later.pop();
      this.#inLine.set(next.item, Math.max(this.#turn, this.#turns.get(next.item.lane) ?? 0));
    }
    return this.#inLine.peek()?.item;
  }

  /** The keys whose turn comes soon, about. */
  soonest(count: number): Level[] {
    return this.#inLine.soonest(count);
  }

  /** It stands in line at this place, unless it has left. */
  stands(level: Level, at: number): void {
    if (this.#inLine.at(level) !== undefined) this.#inLine.set(level, at);
  }

  /** A task of it has been taken. */
  served(level: Level, weight: number): void {
    const began = Math.max(this.#turn, this.#inLine.at(level) ?? this.#turns.get(level.lane) ?? 0);
    this.#turn = began;
    this.#turns.set(level.lane, began + 1 / weight);
    this.stands(level, began + 1 / weight);
    if (this.#turns.size <= STALE_TURNS + 2 * this.size) return;
    for (const [lane, endsAt] of this.#turns) if (endsAt <= this.#turn) this.#turns.delete(lane);
  }

  /** Those without a key have had a turn. */
  passed(turn: number): void {
    this.#turn = Math.max(this.#turn, turn);
  }

  /** About since when the first of those that may be offered has been ready; Infinity: there is none. */
  oldestAt(now: number): number {
    const instants = this.candidates(now).map(({ nextAt, afterAt }) => Math.max(nextAt, afterAt));
    return instants.reduce((oldest, at) => (at > 0 ? Math.min(oldest, at) : oldest), Number.POSITIVE_INFINITY);
  }

  /** What is set for keys has changed: those that wait for an instant are looked at again. */
  wakeTimed(): void {
    for (const level of this.#later.items()) this.#later.set(level, level.nextAt);
    this.#changed(this);
  }

  clear(): void {
    this.#inLine.clear();
    this.#later.clear();
    this.#changed(this);
  }

  /** Every key that may be offered at `now`, in no order. */
  candidates(now: number): Level[] {
    this.first(now);
    return this.#inLine.items();
  }
}
