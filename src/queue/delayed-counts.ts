// How many tasks are delayed of each stored lane and priority that has any, and when the first of them becomes visible. Bounded: of more
// than are kept nothing is known apart, and their owner counts anew.

import { LIMITS } from "../core/limits.ts";
import type { LevelStatements } from "../store/level-statements.ts";
import { DeadlineHeap, type Entry } from "./claims/deadline-heap.ts";

/** Of one stored lane and priority. Where there is none, no task is counted as delayed. */
interface Delayed {
  readonly lane: string;
  readonly priority: number;
  tasks: number;
  /** Those are delayed that become visible after this instant. */
  broughtTo: number;
  /** By when the first of them becomes visible, or an instant before. */
  entry: Entry<Delayed> | null;
}

export class DelayedCounts {
  readonly #tasks: Pick<LevelStatements, "countVisible" | "firstVisibleFrom">;
  /** By stored lane; few have several priorities. */
  readonly #lanes = new Map<string, Delayed[]>();
  readonly #next = new DeadlineHeap<Delayed>({
    get: (delayed) => delayed.entry ?? undefined,
    set: (delayed, entry) => (delayed.entry = entry),
    delete: (delayed) => (delayed.entry = null),
  });
  /** There are too many: those are delayed that become visible after `#broughtTo`, of whatever lane. */
  isOver = false;
  #broughtTo = 0;

  constructor(tasks: Pick<LevelStatements, "countVisible" | "firstVisibleFrom">) {
    this.#tasks = tasks;
  }

  /** As many are kept as may be: it is to be cleared or given up. */
  get isFull(): boolean {
    return this.#next.size > LIMITS.delayedKept;
  }

  clear(at: number): void {
    this.#lanes.clear();
    this.#next.clear();
    this.isOver = false;
    this.#broughtTo = at;
  }

  /** All were counted at one instant, and from now on they are not told apart. */
  giveUp(): void {
    this.clear(this.#broughtTo);
    this.isOver = true;
  }

  /**
   * So many tasks more, or less, become visible at an instant.
   *
   * @param from what is visible by then is not delayed, in a lane where none is
   * @returns whether they count as delayed
   */
  add(lane: string, priority: number, visibleAt: number, tasks: number, from: number): boolean {
    if (this.isOver) return visibleAt > this.#broughtTo;
    const known = this.#lanes.get(lane)?.find((each) => each.priority === priority);
    if (known === undefined) {
      if (tasks < 0 || visibleAt <= from) return false;
      const delayed = { lane, priority, tasks, broughtTo: from, entry: null };
      const others = this.#lanes.get(lane);
      if (others === undefined) this.#lanes.set(lane, [delayed]);
      else others.push(delayed);
      this.#next.set(delayed, visibleAt);
      return true;
    }
    const nextAt = this.#next.at(known) ?? 0;
    // None of it has become visible since.
    if (nextAt > from) known.broughtTo = Math.max(known.broughtTo, from);
    if (visibleAt <= known.broughtTo) return false;
    known.tasks += tasks;
    if (known.tasks === 0) this.#drop(known);
    else if (visibleAt < nextAt) this.#next.set(known, visibleAt);
    return true;
  }

  /** Some may have become visible that are counted as delayed. */
  isDue(now: number): boolean {
    return (this.#next.peek()?.at ?? Number.POSITIVE_INFINITY) <= now;
  }

  /**
   * Asks the index how many have become visible by now, a bounded number of times.
   *
   * @param ripe hears of a stored lane how many of its tasks are delayed no more
   * @returns whether there are more to be asked about
   */
  ripen(now: number, most: number, ripe: (lane: string, tasks: number) => void): boolean {
    for (let looked = 0; this.isDue(now); looked += 1) {
      const first = this.#next.peek()?.item;
      if (first === undefined) break;
      if (looked >= most) return true;
      const { lane, priority } = first;
      const visible = this.#tasks.countVisible(lane, priority, first.broughtTo, now);
      const next = this.#tasks.firstVisibleFrom(lane, priority, now + 1);
      ripe(lane, next === null ? first.tasks : visible);
      first.tasks -= visible;
      first.broughtTo = now;
      if (next === null) this.#drop(first);
      else this.#next.set(first, next);
    }
    return false;
  }

  #drop(delayed: Delayed): void {
    this.#next.delete(delayed);
    const others = this.#lanes.get(delayed.lane) ?? [];
    others.splice(others.indexOf(delayed), 1);
    if (others.length === 0) this.#lanes.delete(delayed.lane);
  }
}
