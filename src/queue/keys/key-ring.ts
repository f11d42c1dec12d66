// The keys of one lane and priority that hold tasks: those that may be offered, in the order of their turns, and those that
// wait for an instant. Those that wait for anything else are in neither, until they are woken.
// Turns are start-time fair queueing: a turn begins in virtual time, and what it took, by weight, is when the key's next may
// begin. Source: Goyal, Vin, Cheng, "Start-time Fair Queueing", SIGCOMM 1996.

import { DeadlineHeap } from "../claims/deadline-heap.ts";
import type { Level, LevelRing, Turns } from "../ready/level.ts";

/** Finished turns that are remembered beyond twice those in use, before those that are past are dropped. */
const STALE_TURNS = 1_024;
/** How much the last task counts in an average. */
const LAST_SHARE = 0.25;

export class KeyRing implements LevelRing {
  readonly lane: string;
  readonly priority: number;
  readonly #changed: (ring: KeyRing) => void;
  /** By the virtual time at which its turn begins; of one time, those that came first. */
  readonly #inLine = new DeadlineHeap<Level>({
    get: (level) => level.inLine ?? undefined,
    set: (level, entry) => (level.inLine = entry),
    delete: (level) => (level.inLine = null),
  });
  readonly #later = new DeadlineHeap<Level>({
    get: (level) => level.later ?? undefined,
    set: (level, entry) => (level.later = entry),
    delete: (level) => (level.later = null),
  });
  /** By stored lane. */
  readonly #turns = new Map<string, Turns>();
  /** As many as were not past when they were last looked through: keys that wait for an event are in no line, and have turns. */
  #turnsInUse = 0;
  /** When the turn that was had last began, in virtual time: no key in line stands before. */
  #turn = 0;
  /**
   * The virtual time: a new key begins here, so that it has nothing to make up for. It goes on with every turn by the share of
   * each key in line, or keys that come one after another with one task each would all begin before one that goes on.
   */
  #present = 0;
  /** The same for tasks without a key, which take turns as if they shared one. null: they have had none. */
  #plain: Turns | null = null;
  #arrivals = 0;
  /** When it was last asked whose turn it is. */
  #lookedAt = 0;
  /** There are no turns: places in line are instants, of which none is too late. A key that joins stands before all. */
  #isByAge = false;
  /** How long any task has been claimed, on average. */
  #taskMs = 1;

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

  /** The same of tasks without a key. */
  get plainTurn(): number {
    return Math.max(this.#turn, this.#plain?.endsAt ?? 0);
  }

  /** How long a task of this lane is claimed, about. */
  taskMsOf(lane: string): number {
    return this.#of(lane)?.taskMs ?? this.#taskMs;
  }

  /** It may be offered from an instant on. */
  offer(level: Level, at: number): void {
    if (at <= this.#lookedAt) {
      this.#later.delete(level);
      this.#comes(level);
    } else {
      this.#inLine.delete(level);
      if (at === Number.POSITIVE_INFINITY) this.#later.delete(level);
      else this.#later.set(level, at, this.#arrival());
    }
    this.#changed(this);
  }

  /** If it waits for an instant, no longer than until `at`; by age, it stands no later than that. */
  sooner(level: Level, at: number): void {
    if (at < (this.#later.at(level) ?? 0)) this.offer(level, at);
    if (this.#isByAge && at < (this.#inLine.at(level) ?? 0)) this.#joins(level, at);
  }

  remove(level: Level): void {
    this.#inLine.delete(level);
    this.#later.delete(level);
    this.#changed(this);
  }

  /** It is no longer known. What it has had is, for when it comes back. */
  leaves(level: Level): void {
    this.remove(level);
    if (level.turns !== null) level.turns.isHeld = false;
    level.turns = null;
  }

  /** The key whose turn it is. */
  first(now: number): Level | undefined {
    this.#lookedAt = now;
    for (let next = this.#later.peek(); next !== undefined && next.at <= now; next = this.#later.peek()) {
      this.#later.pop();
      this.#comes(next.item);
    }
    return this.#inLine.peek()?.item;
  }

  /** The keys whose turn comes soon, about. */
  soonest(count: number): Level[] {
    return this.#inLine.soonest(count);
  }

  /** It stands in line at this place, unless it has left. */
  stands(level: Level, at: number): void {
    if (this.#inLine.at(level) !== undefined) this.#joins(level, at);
  }

  /** Its next task became visible then, or later: where there are no turns, it stands in line by that. */
  standsByAge(level: Level, at: number): void {
    this.#isByAge = true;
    this.stands(level, at);
  }

  /** A task of it has been taken: it stays where it stands until it moves or leaves. @param length of the turn, in virtual time */
  served(level: Level, length: number): void {
    const known = this.#turnsOf(level);
    const began = Math.max(this.#turn, this.#inLine.at(level) ?? known?.endsAt ?? 0);
    this.#turn = began;
    this.#goesOn(length);
    if (known !== null) known.endsAt = began + length;
    else {
      level.turns = { endsAt: began + length, taskMs: this.#taskMs, isHeld: true };
      this.#turns.set(level.lane, level.turns);
    }
    if (this.#turns.size <= STALE_TURNS + 2 * this.#turnsInUse) return;
    for (const [lane, { endsAt, isHeld }] of this.#turns) {
      if (endsAt <= this.#turn && !isHeld) this.#turns.delete(lane);
    }
    this.#turnsInUse = this.#turns.size;
  }

  /** The same of a task without a key. */
  servedPlain(length: number): void {
    this.#turn = this.plainTurn;
    this.#goesOn(length);
    const endsAt = this.#turn + length;
    if (this.#plain === null) this.#plain = { endsAt, taskMs: this.#taskMs, isHeld: true };
    else this.#plain.endsAt = endsAt;
  }

  /**
   * A claim has ended: its turn was as long as it took, no longer as long as was thought.
   *
   * @param thoughtMs what the turn was taken to last when the task was taken
   */
  ended(lane: string, tookMs: number, thoughtMs: number, weight: number): void {
    const known = this.#of(lane);
    this.#taskMs += LAST_SHARE * (tookMs - this.#taskMs);
    if (known === null) return;
    known.taskMs += LAST_SHARE * (tookMs - known.taskMs);
    known.endsAt += (tookMs - thoughtMs) / weight;
  }

  /** Its place in line is that of its turns again. */
  moves(level: Level): void {
    const place = this.#turnsOf(level)?.endsAt;
    if (place !== undefined) this.stands(level, Math.max(this.#turn, place));
  }

  /** About since when the first of those that may be offered has been ready; Infinity: there is none. */
  oldestAt(now: number): number {
    const instants = this.candidates(now).map(({ nextAt, afterAt }) => Math.max(nextAt, afterAt));
    return instants.reduce((oldest, at) => (at > 0 ? Math.min(oldest, at) : oldest), Number.POSITIVE_INFINITY);
  }

  /** What is set for keys has changed: those that wait for an instant are looked at again, and all turns begin anew. */
  reset(): void {
    for (const level of this.#later.items()) this.#later.set(level, level.nextAt);
    for (const level of this.#inLine.items()) this.#joins(level, 0);
    for (const [lane, turns] of this.#turns) {
      if (!turns.isHeld) this.#turns.delete(lane);
      turns.endsAt = 0;
      turns.taskMs = this.#taskMs;
    }
    this.#turnsInUse = this.#turns.size;
    this.#turn = 0;
    this.#present = 0;
    this.#plain = null;
    this.#isByAge = false;
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

  /** A turn of this length has begun: those in line, and tasks without a key, have a share of it each. */
  #goesOn(length: number): void {
    const present = this.#present + length / (this.#inLine.size + 1);
    // A turn may be thought longer than it is: no further than its end.
    this.#present = Math.max(this.#turn, Math.min(present, this.#turn + length));
  }

  #turnsOf(level: Level): Turns | null {
    if (level.turns !== null) return level.turns;
    const turns = this.#turns.get(level.lane);
    if (turns === undefined) return null;
    turns.isHeld = true;
    level.turns = turns;
    return turns;
  }

  /** @param lane as it is stored; the ring's own is that of tasks without a key */
  #of(lane: string): Turns | null {
    return lane === this.lane ? this.#plain : (this.#turns.get(lane) ?? null);
  }

  /** Its turn is no sooner than it was when it left. */
  #comes(level: Level): void {
    this.#joins(level, Math.max(this.#present, this.#turnsOf(level)?.endsAt ?? 0));
  }

  #joins(level: Level, at: number): void {
    this.#inLine.set(level, at, this.#arrival());
  }

  #arrival(): number {
    this.#arrivals += 1;
    return this.#arrivals;
  }
}
