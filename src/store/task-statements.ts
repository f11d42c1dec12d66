// Every statement on `tasks`. Each says which index it stands on; test/store/query-plans holds them to it.

import { LIMITS } from "../core/limits.ts";
import { INDEXED_FROM } from "../core/sequence.ts";
import type { Sql, SqlValue } from "./sql.ts";

export const LIVE = 0;
export const DEAD = 1;
export const DONE = 2;

/** `ends_at` of what is kept for ever: the last instant that a Date can hold. */
export const NEVER_AT = 8_640_000_000_000_000;

export interface TaskRow {
  readonly seq: number;
  readonly version: number;
  readonly attempts: number;
  readonly state: number;
  readonly visibleAt: number | null;
  readonly endsAt: number | null;
  /** How many plain tasks this row holds; null: it is one task. */
  readonly run: number | null;
  readonly lane: string;
  readonly priority: number;
  readonly taskId: string | null;
  readonly maxAttempts: number | null;
  readonly diedAt: number | null;
  readonly contentType: string | null;
  readonly headers: string | null;
  readonly error: string | null;
  readonly origin: string | null;
  readonly payload: string | Uint8Array | ArrayBuffer;
}

/** A row without its payload, which may be a thousand times as large as the rest. */
export type TaskHead = Omit<TaskRow, "payload">;

/** What claiming needs to choose by; the payload is only measured. */
export interface Candidate {
  readonly seq: number;
  readonly version: number;
  readonly attempts: number;
  readonly visibleAt: number | null;
  readonly endsAt: number | null;
  readonly run: number | null;
  readonly hasId: number;
  readonly bytes: number;
}

const HEAD = `seq, version, attempts, state, visible_at AS visibleAt, ends_at AS endsAt, run, lane, priority, task_id AS taskId,
  max_attempts AS maxAttempts, died_at AS diedAt, content_type AS contentType, headers, error, origin`;
const ROW = `${HEAD}, payload`;
const CANDIDATE = `seq, version, attempts, visible_at AS visibleAt, ends_at AS endsAt, run,
  task_id IS NOT NULL AS hasId, octet_length(payload) AS bytes`;
const SEQS = `(SELECT value FROM json_each(?))`;

export const TASK_SQL = {
  insertPlain: `INSERT INTO tasks (seq, payload) VALUES (?, ?)`,
  insertRun: `INSERT INTO tasks (seq, run, payload) VALUES (?, ?, ?)`,
  insert: `INSERT INTO tasks (seq, version, attempts, state, visible_at, ends_at, lane, priority, task_id, max_attempts, died_at,
    content_type, headers, error, origin, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  /** The table itself, from the read cursor on. */
  plainFrom: `SELECT ${CANDIDATE} FROM tasks WHERE seq >= ? AND seq < ${INDEXED_FROM} AND visible_at IS NULL AND state = 0
    ORDER BY seq LIMIT ?`,
  /** tasks_ready, one lane, priority and instant, from a key on. SQLite would not begin a search at (instant, key) in one. */
  indexedAt: `SELECT ${CANDIDATE} FROM tasks WHERE visible_at IS NOT NULL AND lane = ? AND priority = ?
    AND visible_at = ? AND seq > ? ORDER BY seq LIMIT ?`,
  /** tasks_ready, one lane and priority, from behind an instant to now. */
  indexedAfter: `SELECT ${CANDIDATE} FROM tasks WHERE visible_at IS NOT NULL AND lane = ? AND priority = ?
    AND visible_at > ? AND visible_at <= ? ORDER BY visible_at, seq LIMIT ?`,
  /** tasks_ready: the first entry of one lane and priority from an instant on. */
  firstVisibleFrom: `SELECT visible_at AS visibleAt FROM tasks WHERE visible_at IS NOT NULL AND lane = ? AND priority = ?
    AND visible_at >= ? ORDER BY visible_at LIMIT 1`,
  /** tasks_ready: the next priority of a lane, skipping all tasks of this one. */
  nextPriority: `SELECT lane, priority FROM tasks WHERE visible_at IS NOT NULL AND lane = ? AND priority > ?
    ORDER BY priority LIMIT 1`,
  /** tasks_ready: the next lane, skipping all tasks of this one. */
  nextLane: `SELECT lane, priority FROM tasks WHERE visible_at IS NOT NULL AND lane > ? ORDER BY lane, priority LIMIT 1`,
  /** The table itself, at most a run's length back. */
  runAt: `SELECT ${ROW} FROM tasks WHERE seq <= ?1 AND seq > ?1 - ${LIMITS.runTasks} AND run IS NOT NULL ORDER BY seq DESC LIMIT 1`,
  byKey: `SELECT ${ROW} FROM tasks WHERE seq IN (?1, ?1 + ${INDEXED_FROM}) AND run IS NULL`,
  /** Rows that are one task each, in whichever range they are stored. */
  heads: `SELECT ${HEAD} FROM tasks WHERE seq IN ${SEQS} AND run IS NULL`,
  bySeqs: `SELECT ${ROW} FROM tasks WHERE seq IN ${SEQS}`,
  bySeq: `SELECT ${ROW} FROM tasks WHERE seq = ?`,
  /** tasks_task_id */
  byTaskId: `SELECT ${ROW} FROM tasks WHERE task_id = ? AND task_id IS NOT NULL`,
  /** tasks_task_id */
  byTaskIds: `SELECT seq, version, state, visible_at AS visibleAt, ends_at AS endsAt, task_id AS taskId FROM tasks
    WHERE task_id IN ${SEQS} AND task_id IS NOT NULL`,
  /** The table itself, a bounded window of it; filters apply inside the window. */
  window: `SELECT ${ROW} FROM tasks WHERE seq >= ? ORDER BY seq LIMIT ?`,
  /** tasks_ends, the first of the dead to go */
  firstDead: `SELECT ${ROW} FROM tasks WHERE state = ${DEAD} AND ends_at IS NOT NULL ORDER BY ends_at, seq LIMIT ?`,
  /** tasks_ends */
  endedOf: `SELECT seq, task_id IS NOT NULL AS hasId FROM tasks WHERE state = ? AND ends_at IS NOT NULL AND ends_at <= ? ORDER BY ends_at LIMIT ?`,
  /** tasks_ends */
  firstEndOf: `SELECT min(ends_at) AS endsAt FROM tasks WHERE state = ? AND ends_at IS NOT NULL`,
  delete: `DELETE FROM tasks WHERE seq IN ${SEQS}`,
  deleteOne: `DELETE FROM tasks WHERE seq = ?`,
  deleteAll: `DELETE FROM tasks`,
  deleteAllButDone: `DELETE FROM tasks WHERE state <> ${DONE}`,
  /** The row stays for its id only, until the dedupe window ends (P10). */
  markDone: `UPDATE tasks SET state = ${DONE}, version = version + 2, visible_at = NULL, ends_at = ?, headers = NULL,
    error = NULL, origin = NULL, payload = '' WHERE seq IN ${SEQS}`,
  markDead: `UPDATE tasks SET state = ${DEAD}, version = version + 2, attempts = ?, visible_at = NULL, ends_at = ?,
    died_at = ?, error = ? WHERE seq = ?`,
  markFailed: `UPDATE tasks SET version = version + 2, attempts = ?, visible_at = ?, error = ? WHERE seq = ?`,
  markReleased: `UPDATE tasks SET version = version + 2, visible_at = ? WHERE seq = ?`,
  revive: `UPDATE tasks SET state = ${LIVE}, version = version + 1, attempts = 0, visible_at = ?, ends_at = NULL, died_at = NULL
    WHERE seq = ?`,
  change: `UPDATE tasks SET version = ?, attempts = ?, visible_at = ?, lane = ?, priority = ?, content_type = ?, headers = ?,
    error = ?, payload = coalesce(?, payload) WHERE seq = ?`,
  /** Without the columns of tasks_ready: a column that is set is an index entry written, whatever its value. */
  changeInPlace: `UPDATE tasks SET version = ?, attempts = ?, content_type = ?, headers = ?, error = ?,
    payload = coalesce(?, payload) WHERE seq = ?`,
  countAll: `SELECT count(*) + coalesce(sum(run - 1), 0) AS n FROM tasks`,
  /** tasks_ends */
  countOf: `SELECT count(*) AS n FROM tasks WHERE state = ? AND ends_at IS NOT NULL`,
  /** tasks_ends for the rows, then the rows for their lanes */
  countDeadByLane: `SELECT lane, count(*) AS n FROM tasks WHERE state = ${DEAD} AND ends_at IS NOT NULL GROUP BY lane`,
  /** tasks_ready, all of it and nothing else */
  countIndexedByLane: `SELECT lane, count(*) AS n, sum(visible_at > ?) AS delayed FROM tasks WHERE visible_at IS NOT NULL
    GROUP BY lane`,
  lastPlain: `SELECT seq + coalesce(run, 1) - 1 AS lastSeq FROM tasks WHERE seq < ${INDEXED_FROM} ORDER BY seq DESC LIMIT 1`,
  lastIndexed: `SELECT max(seq) AS lastSeq FROM tasks`,
} as const;

export type InsertedRow = Omit<TaskRow, "run">;

interface Level {
  readonly lane: string;
  readonly priority: number;
}

/** The statements as functions. Knows no clock and no rule. */
export class TaskStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Plain tasks under successive keys, in one row; payloads are JSON texts without line breaks. */
  insertPlain(firstSeq: number, payloads: readonly string[]): void {
    if (payloads.length === 1) this.#sql.run(TASK_SQL.insertPlain, firstSeq, payloads[0] ?? "");
    else this.#sql.run(TASK_SQL.insertRun, firstSeq, payloads.length, payloads.join("\n"));
  }

  insert(row: InsertedRow): void {
    this.#sql.run(
      TASK_SQL.insert,
      row.seq,
      row.version,
      row.attempts,
      row.state,
      row.visibleAt,
      row.endsAt,
      row.lane,
      row.priority,
      row.taskId,
      row.maxAttempts,
      row.diedAt,
      row.contentType,
      row.headers,
      row.error,
      row.origin,
      row.payload,
    );
  }

  plainFrom(seq: number, limit: number): Candidate[] {
    return this.#rows(TASK_SQL.plainFrom, seq, limit);
  }

  /** Indexed tasks in the order (visible_at, seq), those behind the given place, up to `now`. */
  indexedAfter(
    lane: string,
    priority: number,
    afterAt: number,
    afterSeq: number,
    now: number,
    limit: number,
  ): Candidate[] {
    const tied = this.#rows<Candidate>(TASK_SQL.indexedAt, lane, priority, afterAt, afterSeq, limit);
    if (tied.length >= limit) return tied;
    return [
      ...tied,
      ...this.#rows<Candidate>(TASK_SQL.indexedAfter, lane, priority, afterAt, now, limit - tied.length),
    ];
  }

  firstVisibleFrom(lane: string, priority: number, at: number): number | null {
    return this.#rows<{ visibleAt: number }>(TASK_SQL.firstVisibleFrom, lane, priority, at)[0]?.visibleAt ?? null;
  }

  /** Every lane and priority that has indexed tasks; one probe of the index each, whatever the backlog (P12). */
  levels(): Level[] {
    const found: Level[] = [];
    // One search each: a comparison of (lane, priority) in one would read every task of the level to get past it.
    let level = this.#rows<Level>(TASK_SQL.nextLane, "")[0];
    while (level !== undefined) {
      found.push(level);
      const { lane, priority } = level;
      level =
        this.#rows<Level>(TASK_SQL.nextPriority, lane, priority)[0] ?? this.#rows<Level>(TASK_SQL.nextLane, lane)[0];
    }
    return found;
  }

  bySeqs(seqs: readonly number[]): TaskRow[] {
    if (seqs.length === 0) return [];
    if (seqs.length === 1) return this.#rows(TASK_SQL.bySeq, seqs[0] ?? null);
    return this.#rows(TASK_SQL.bySeqs, JSON.stringify(seqs));
  }

  /** The rows of these tasks, those that have one of their own. */
  heads(keys: readonly number[]): TaskHead[] {
    if (keys.length === 0) return [];
    return this.#rows(TASK_SQL.heads, JSON.stringify(keys.flatMap((key) => [key, key + INDEXED_FROM])));
  }

  /** The row that is this one task, in whichever range it is stored; not a run that holds it. */
  byKey(key: number): TaskRow | undefined {
    return this.#rows<TaskRow>(TASK_SQL.byKey, key)[0];
  }

  /** The run that a plain key may belong to: whether it is as long as that, the caller sees. */
  runAt(key: number): TaskRow | undefined {
    return this.#rows<TaskRow>(TASK_SQL.runAt, key)[0];
  }

  byTaskId(taskId: string): TaskRow | undefined {
    return this.#rows<TaskRow>(TASK_SQL.byTaskId, taskId)[0];
  }

  byTaskIds(
    taskIds: readonly string[],
  ): Pick<TaskRow, "seq" | "version" | "state" | "visibleAt" | "endsAt" | "taskId">[] {
    return this.#rows(TASK_SQL.byTaskIds, JSON.stringify(taskIds));
  }

  window(fromSeq: number, limit: number): TaskRow[] {
    return this.#rows(TASK_SQL.window, fromSeq, limit);
  }

  firstDead(limit: number): TaskRow[] {
    return this.#rows(TASK_SQL.firstDead, limit);
  }

  endedOf(state: number, now: number, limit: number): { seq: number; hasId: number }[] {
    return this.#rows(TASK_SQL.endedOf, state, now, limit);
  }

  firstEndOf(state: number): number | null {
    return this.#rows<{ endsAt: number | null }>(TASK_SQL.firstEndOf, state)[0]?.endsAt ?? null;
  }

  delete(seqs: readonly number[]): void {
    if (seqs.length === 1) this.#sql.run(TASK_SQL.deleteOne, seqs[0] ?? null);
    else if (seqs.length > 1) this.#sql.run(TASK_SQL.delete, JSON.stringify(seqs));
  }

  /** Keeps the ids that the dedupe window still remembers. */
  deleteAllButDone(): void {
    this.#sql.run(TASK_SQL.deleteAllButDone);
  }

  deleteAll(): void {
    this.#sql.run(TASK_SQL.deleteAll);
  }

  markDone(seqs: readonly number[], forgetAt: number): void {
    if (seqs.length > 0) this.#sql.run(TASK_SQL.markDone, forgetAt, JSON.stringify(seqs));
  }

  markDead(seq: number, attempts: number, endsAt: number, diedAt: number, error: string | null): void {
    this.#sql.run(TASK_SQL.markDead, attempts, endsAt, diedAt, error, seq);
  }

  markFailed(seq: number, attempts: number, visibleAt: number, error: string | null): void {
    this.#sql.run(TASK_SQL.markFailed, attempts, visibleAt, error, seq);
  }

  markReleased(seq: number, visibleAt: number): void {
    this.#sql.run(TASK_SQL.markReleased, visibleAt, seq);
  }

  revive(seq: number, visibleAt: number): void {
    this.#sql.run(TASK_SQL.revive, visibleAt, seq);
  }

  /**
   * Writes a task's version, place and content.
   *
   * @param payload null: it stays as it is
   */
  change(head: TaskHead, payload: TaskRow["payload"] | null): void {
    const { version, attempts, visibleAt, lane, priority, contentType, headers, error, seq } = head;
    const place = [visibleAt, lane, priority] as const;
    this.#sql.run(TASK_SQL.change, version, attempts, ...place, contentType, headers, error, payload, seq);
  }

  /** The same for a task whose lane, priority and time stay as they are. */
  changeInPlace(head: TaskHead, payload: TaskRow["payload"] | null): void {
    const { version, attempts, contentType, headers, error, seq } = head;
    this.#sql.run(TASK_SQL.changeInPlace, version, attempts, contentType, headers, error, payload, seq);
  }

  countAll(): number {
    return this.#rows<{ n: number }>(TASK_SQL.countAll)[0]?.n ?? 0;
  }

  countOf(state: number): number {
    return this.#rows<{ n: number }>(TASK_SQL.countOf, state)[0]?.n ?? 0;
  }

  countDeadByLane(): { lane: string; n: number }[] {
    return this.#rows(TASK_SQL.countDeadByLane);
  }

  countIndexedByLane(now: number): { lane: string; n: number; delayed: number }[] {
    return this.#rows(TASK_SQL.countIndexedByLane, now);
  }

  /** The highest key of each range: where the sequence goes on after a restart. */
  lastSeqs(): number[] {
    return [TASK_SQL.lastPlain, TASK_SQL.lastIndexed].map(
      (statement) => this.#rows<{ lastSeq: number | null }>(statement)[0]?.lastSeq ?? 0,
    );
  }

  #rows<Row>(statement: string, ...parameters: SqlValue[]): Row[] {
    return this.#sql.all(statement, ...parameters) as unknown as Row[];
  }
}
