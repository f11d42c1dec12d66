// The statements on the order in which tasks are offered: levels, which are lanes with their priorities, and the indexed tasks of each.
// Knows no clock and no rule.

import { keyOf } from "../core/sequence.ts";
import { AFTER_KEYS, laneOf } from "../core/stored-lane.ts";
import type { Sql, SqlValue } from "./sql.ts";
import type { Candidate } from "./task-row.ts";
import { TASK_SQL } from "./task-sql.ts";

interface Level {
  readonly lane: string;
  readonly priority: number;
}

/** A level, and the place in it after which something is asked for. */
interface Cursor extends Level {
  readonly afterAt: number;
  readonly afterKey: number;
}

/** One instance serves one database. */
export class LevelStatements {
  protected readonly sql: Sql;

  constructor(sql: Sql) {
    this.sql = sql;
  }

  /**
   * Indexed tasks in the order of (visible_at, key), those after the given place, up to `now`: at most `limit`, and fewer only
   * if there are no more. A row keeps the range that it was first stored in, so those of one instant lie in two.
   */
  indexedAfter(
    lane: string,
    priority: number,
    afterAt: number,
    afterKey: number,
    now: number,
    limit: number,
  ): Candidate[] {
    const tied = this.#indexedAt(lane, priority, afterAt, afterKey, limit);
    const room = limit - tied.length;
    if (room <= 0) return tied;
    // One more than fits shows whether the page ends within an instant.
    const rest = this.rows<Candidate>(TASK_SQL.indexedAfter, lane, priority, afterAt, now, room + 1);
    const lastAt = rest.at(-1)?.visibleAt ?? null;
    const isCut = rest.length > room && lastAt !== null;
    const whole = (isCut ? rest.filter(({ visibleAt }) => visibleAt !== lastAt) : rest).toSorted(byInstant);
    if (!isCut || whole.length === room) return [...tied, ...whole];
    return [...tied, ...whole, ...this.#indexedAt(lane, priority, lastAt, 0, room - whole.length)];
  }

  #indexedAt(lane: string, priority: number, at: number, afterKey: number, limit: number): Candidate[] {
    const found = this.rows<Candidate>(TASK_SQL.indexedAt, lane, priority, at, afterKey, limit);
    return found.toSorted(byInstant).slice(0, limit);
  }

  /** JSON [instant, seq, ...] of each level: its first tasks after its instant; at it, after its key, the first of each range. */
  ahead(which: "ahead" | "aheadAt", levels: readonly Cursor[], limit: number): string[] {
    const marks = levels.map(({ lane, priority, afterAt, afterKey }) => [lane, priority, afterAt, afterKey]);
    return this.texts(TASK_SQL[which], JSON.stringify(marks), limit);
  }

  firstVisibleFrom(lane: string, priority: number, at: number): number | null {
    return this.rows<{ visibleAt: number }>(TASK_SQL.firstVisibleFrom, lane, priority, at)[0]?.visibleAt ?? null;
  }

  /** Every lane and priority that has indexed tasks; one probe of the index each, whatever the backlog (P12). */
  *levels(after = ""): Generator<Level> {
    // One search each: a comparison of (lane, priority) in one would read every task of the level to get past it.
    let level = this.rows<Level>(TASK_SQL.nextLane, after)[0];
    while (level !== undefined) {
      yield level;
      level = this.levelAfter(level.lane, level.priority);
    }
  }

  /** The next lane and priority that has indexed tasks; one probe of the index, or two. */
  levelAfter(lane: string, priority: number): Level | undefined {
    return this.rows<Level>(TASK_SQL.nextPriority, lane, priority)[0] ?? this.rows<Level>(TASK_SQL.nextLane, lane)[0];
  }

  /** The stored lane of the next key of a lane that has indexed tasks; null: there is none. */
  nextKeyLane(lane: string, after: string): string | null {
    const before = `${lane}${AFTER_KEYS}`;
    return this.rows<{ lane: string }>(TASK_SQL.nextLaneBefore, after, before)[0]?.lane ?? null;
  }

  /** Every lane that has indexed tasks, with a key or without; one probe each, however many keys. */
  *lanes(): Generator<string> {
    let found = this.rows<Level>(TASK_SQL.nextLane, "")[0];
    while (found !== undefined) {
      const lane = laneOf(found.lane);
      yield lane;
      found = this.rows<Level>(TASK_SQL.nextLane, `${lane}${AFTER_KEYS}`)[0];
    }
  }

  /** The priorities of a lane that have indexed tasks; one probe of the index each. */
  levelsOf(lane: string): Level[] {
    const found: Level[] = [];
    let level = this.rows<Level>(TASK_SQL.nextPriority, lane, Number.MIN_SAFE_INTEGER)[0];
    while (level !== undefined) {
      found.push(level);
      level = this.rows<Level>(TASK_SQL.nextPriority, lane, level.priority)[0];
    }
    return found;
  }

  countVisible(lane: string, priority: number, afterAt: number, toAt: number): number {
    return this.rows<{ n: number }>(TASK_SQL.countVisible, lane, priority, afterAt, toAt)[0]?.n ?? 0;
  }

  /** Of the first `limit` indexed tasks of a level, claimed ones among them: how many, and how many may not be offered yet. */
  countFirst(lane: string, priority: number, now: number, limit: number): { tasks: number; delayed: number } {
    const [row] = this.rows<{ tasks: number; delayed: number }>(TASK_SQL.countFirst, lane, priority, now, limit);
    return row ?? { tasks: 0, delayed: 0 };
  }

  protected texts(statement: string, ...parameters: SqlValue[]): string[] {
    return this.sql.lists(statement, ...parameters).map(([text]) => text as string);
  }

  protected rows<Row>(statement: string, ...parameters: SqlValue[]): Row[] {
    return this.sql.all(statement, ...parameters) as unknown as Row[];
  }
}

function byInstant(a: Candidate, b: Candidate): number {
  return (a.visibleAt ?? 0) - (b.visibleAt ?? 0) || keyOf(a.seq) - keyOf(b.seq);
}
