// Where reading stands in each lane and priority of the ready index, so that no claim walks over what earlier claims took.

import { DEFAULT_LANE, LIMITS } from "../../core/limits.ts";
import type { TaskStatements } from "../../store/task-statements.ts";

export interface Level {
  readonly lane: string;
  readonly priority: number;
  /** Every entry up to (afterAt, afterSeq) is claimed or gone. */
  afterAt: number;
  afterSeq: number;
  /** No entry behind the cursor is visible before this. Infinity: there is none. */
  nextAt: number;
}

export class Levels {
  readonly #lanes = new Map<string, Level[]>();
  #count = 0;

  /** Finds the levels that hold tasks: one probe of the index each (P12). */
  load(tasks: TaskStatements): void {
    for (const { lane, priority } of tasks.levels()) this.#level(lane, priority).nextAt = 0;
  }

  /** The levels of a lane, higher priorities first. The default lane always has its plain level. */
  of(lane: string): readonly Level[] {
    const levels = this.#lanes.get(lane);
    if (lane !== DEFAULT_LANE || levels?.some((level) => level.priority === 0) === true) return levels ?? [];
    this.#level(lane, 0);
    return this.#lanes.get(lane) ?? [];
  }

  all(): Level[] {
    return [...this.#lanes.values()].flat();
  }

  lanes(): string[] {
    return [...this.#lanes.keys()];
  }

  /** Whether tasks may be written to these lanes and priorities: the count of levels is bounded. */
  hasRoomFor(places: readonly { readonly lane?: string; readonly priority?: number }[]): boolean {
    const added = new Set<string>();
    for (const { lane = DEFAULT_LANE, priority = 0 } of places) {
      if (lane === DEFAULT_LANE && priority === 0) continue;
      if (this.#lanes.get(lane)?.some((level) => level.priority === priority) !== true)
        added.add(`${priority} ${lane}`);
    }
    return added.size === 0 || this.#count + added.size <= LIMITS.levels;
  }

  /** An entry has been written to the index. */
  added(lane: string, priority: number, visibleAt: number, seq: number): void {
    const level = this.#level(lane, priority);
    level.nextAt = Math.min(level.nextAt, visibleAt);
    if (visibleAt < level.afterAt || (visibleAt === level.afterAt && seq <= level.afterSeq)) {
      level.afterAt = visibleAt;
      level.afterSeq = seq - 1;
    }
  }

  /** Forgets a level that turned out to be empty. */
  emptied(level: Level): void {
    const rest = this.#lanes.get(level.lane)?.filter((other) => other !== level) ?? [];
    if (rest.length === 0) this.#lanes.delete(level.lane);
    else this.#lanes.set(level.lane, rest);
    this.#count -= 1;
  }

  clear(): void {
    this.#lanes.clear();
    this.#count = 0;
  }

  #level(lane: string, priority: number): Level {
    const levels = this.#lanes.get(lane) ?? [];
    const known = levels.find((level) => level.priority === priority);
    if (known !== undefined) return known;
    const level: Level = { lane, priority, afterAt: 0, afterSeq: 0, nextAt: Number.POSITIVE_INFINITY };
    this.#lanes.set(
      lane,
      [...levels, level].toSorted((a, b) => b.priority - a.priority),
    );
    this.#count += 1;
    return level;
  }
}
