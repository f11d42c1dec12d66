// Every statement on `tasks`. Each says which index it stands on; test/store/query-plans holds them to it.

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

/** What claiming needs to choose by; the payload is only measured. */
export interface Candidate {
  readonly seq: number;
  readonly version: number;
  readonly attempts: number;
  readonly visibleAt: number | null;
  readonly endsAt: number | null;
  readonly hasId: number;
  readonly bytes: number;
}

const ROW = `seq, version, attempts, state, visible_at AS visibleAt, ends_at AS endsAt, lane, priority, task_id AS taskId,
  max_attempts AS maxAttempts, died_at AS diedAt, content_type AS contentType, headers, error, origin, payload`;
const CANDIDATE = `seq, version, attempts, visible_at AS visibleAt, ends_at AS endsAt,
  task_id IS NOT NULL AS hasId, octet_length(payload) AS bytes`;
const SEQS = `(SELECT value FROM json_each(?))`;

export const TASK_SQL = {
  insertPlain: `INSERT INTO tasks (seq, payload) VALUES (?, ?)`,
  insertPlainRun: `INSERT INTO tasks (seq, payload) SELECT ?1 + key, value FROM json_each(?2)`,
  insert: `INSERT INTO tasks (seq, version, attempts, visible_at, ends_at, lane, priority, task_id, max_attempts, content_type,
    headers, error, origin, payload) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  /** The table itself, from the read cursor on. */
  plainAfter: `SELECT ${CANDIDATE} FROM tasks WHERE seq > ? AND seq < ${INDEXED_FROM} AND visible_at IS NULL AND state = 0
    ORDER BY seq LIMIT ?`,
  /** tasks_ready, one lane and priority, from the read cursor to now. */
  indexedAfter: `SELECT ${CANDIDATE} FROM tasks WHERE visible_at IS NOT NULL AND lane = ? AND priority = ?
    AND (visible_at, seq) > (?, ?) AND visible_at <= ? ORDER BY visible_at, seq LIMIT ?`,
  /** tasks_ready: the first entry of one lane and priority from an instant on. */
  firstVisibleFrom: `SELECT visible_at AS visibleAt FROM tasks WHERE visible_at IS NOT NULL AND lane = ? AND priority = ?
    AND visible_at >= ? ORDER BY visible_at LIMIT 1`,
  /** tasks_ready: from one lane and priority to the next, a probe each. */
  levelAfter: `SELECT lane, priority FROM tasks WHERE visible_at IS NOT NULL AND (lane, priority) > (?, ?)
    ORDER BY lane, priority LIMIT 1`,
  bySeqs: `SELECT ${ROW} FROM tasks WHERE seq IN ${SEQS}`,
  bySeq: `SELECT ${ROW} FROM tasks WHERE seq = ?`,
  /** tasks_task_id */
  byTaskId: `SELECT ${ROW} FROM tasks WHERE task_id = ? AND task_id IS NOT NULL`,
  /** tasks_task_id */
  byTaskIds: `SELECT seq, version, state, visible_at AS visibleAt, ends_at AS endsAt, task_id AS taskId FROM tasks
    WHERE task_id IN ${SEQS} AND task_id IS NOT NULL`,
  /** The table itself, a bounded window of it; filters apply inside the window. */
  window: `SELECT ${ROW} FROM tasks WHERE seq > ? ORDER BY seq LIMIT ?`,
  /** tasks_ends, in the order in which they go */
  deadAfter: `SELECT ${ROW} FROM tasks WHERE state = ${DEAD} AND ends_at IS NOT NULL AND (ends_at, seq) > (?, ?)
    ORDER BY ends_at, seq LIMIT ?`,
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
  change: `UPDATE tasks SET version = ?, visible_at = ?, lane = ?, priority = ?, content_type = ?, headers = ?, payload = ?
    WHERE seq = ?`,
  countAll: `SELECT count(*) AS n FROM tasks`,
  /** tasks_ends */
  countOf: `SELECT count(*) AS n FROM tasks WHERE state = ? AND ends_at IS NOT NULL`,
  /** tasks_ends for the rows, then the rows for their lanes */
  countDeadByLane: `SELECT lane, count(*) AS n FROM tasks WHERE state = ${DEAD} AND ends_at IS NOT NULL GROUP BY lane`,
  /** tasks_ready, all of it and nothing else */
  countIndexedByLane: `SELECT lane, count(*) AS n, sum(visible_at > ?) AS delayed FROM tasks WHERE visible_at IS NOT NULL
    GROUP BY lane`,
  lastPlain: `SELECT max(seq) AS seq FROM tasks WHERE seq < ${INDEXED_FROM}`,
  lastIndexed: `SELECT max(seq) AS seq FROM tasks`,
  firstPlain: `SELECT seq FROM tasks WHERE seq > ? AND seq < ${INDEXED_FROM} AND visible_at IS NULL AND state = 0
    ORDER BY seq LIMIT 1`,
} as const;

/** A parameter may hold 2 MB, and a character may become three bytes of it, or two by escaping. */
const RUN_CHARACTERS = 500_000;

export type InsertedRow = Omit<TaskRow, "state" | "diedAt">;

/** The statements as functions. Knows no clock and no rule. */
export class TaskStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** Plain tasks under successive keys: one row each, no index. As many to a statement as one parameter may hold. */
  insertPlain(firstSeq: number, payloads: readonly string[]): void {
    for (let from = 0; from < payloads.length;) {
      let to = from;
      let characters = 0;
      do {
        characters += payloads[to]?.length ?? 0;
        to += 1;
      } while (to < payloads.length && characters + (payloads[to]?.length ?? 0) <= RUN_CHARACTERS);
      if (to === from + 1) this.#sql.run(TASK_SQL.insertPlain, firstSeq + from, payloads[from] ?? "");
      else this.#sql.run(TASK_SQL.insertPlainRun, firstSeq + from, JSON.stringify(payloads.slice(from, to)));
      from = to;
    }
  }

  insert(row: InsertedRow): void {
    this.#sql.run(
      TASK_SQL.insert,
      row.seq,
      row.version,
      row.attempts,
      row.visibleAt,
      row.endsAt,
      row.lane,
      row.priority,
      row.taskId,
      row.maxAttempts,
      row.contentType,
      row.headers,
      row.error,
      row.origin,
      row.payload,
    );
  }

  plainAfter(seq: number, limit: number): Candidate[] {
    return this.#rows(TASK_SQL.plainAfter, seq, limit);
  }

  indexedAfter(
    lane: string,
    priority: number,
    afterAt: number,
    afterSeq: number,
    now: number,
    limit: number,
  ): Candidate[] {
    return this.#rows(TASK_SQL.indexedAfter, lane, priority, afterAt, afterSeq, now, limit);
  }

  firstVisibleFrom(lane: string, priority: number, at: number): number | null {
    return this.#rows<{ visibleAt: number }>(TASK_SQL.firstVisibleFrom, lane, priority, at)[0]?.visibleAt ?? null;
  }

  /** Every lane and priority that has indexed tasks; one probe of the index each, whatever the backlog (P12). */
  levels(): { lane: string; priority: number }[] {
    const found: { lane: string; priority: number }[] = [];
    let last: { lane: string; priority: number } | undefined = { lane: "", priority: 0 };
    while (last !== undefined) {
      last = this.#rows<{ lane: string; priority: number }>(TASK_SQL.levelAfter, last.lane, last.priority)[0];
      if (last !== undefined) found.push(last);
    }
    return found;
  }

  bySeqs(seqs: readonly number[]): TaskRow[] {
    if (seqs.length === 1) return this.#rows(TASK_SQL.bySeq, seqs[0] ?? null);
    return this.#rows(TASK_SQL.bySeqs, JSON.stringify(seqs));
  }

  bySeq(seq: number): TaskRow | undefined {
    return this.#rows<TaskRow>(TASK_SQL.bySeq, seq)[0];
  }

  byTaskId(taskId: string): TaskRow | undefined {
    return this.#rows<TaskRow>(TASK_SQL.byTaskId, taskId)[0];
  }

  byTaskIds(
    taskIds: readonly string[],
  ): Pick<TaskRow, "seq" | "version" | "state" | "visibleAt" | "endsAt" | "taskId">[] {
    return this.#rows(TASK_SQL.byTaskIds, JSON.stringify(taskIds));
  }

  window(afterSeq: number, limit: number): TaskRow[] {
    return this.#rows(TASK_SQL.window, afterSeq, limit);
  }

  deadAfter(endsAt: number, seq: number, limit: number): TaskRow[] {
    return this.#rows(TASK_SQL.deadAfter, endsAt, seq, limit);
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

  /** Everything but the ids that the dedupe window still remembers. */
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

  change(row: TaskRow): void {
    const { version, visibleAt, lane, priority, contentType, headers, payload, seq } = row;
    this.#sql.run(TASK_SQL.change, version, visibleAt, lane, priority, contentType, headers, payload, seq);
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
      (statement) => this.#rows<{ seq: number | null }>(statement)[0]?.seq ?? 0,
    );
  }

  firstPlain(afterSeq: number): number | null {
    return this.#rows<{ seq: number }>(TASK_SQL.firstPlain, afterSeq)[0]?.seq ?? null;
  }

  #rows<Row>(statement: string, ...parameters: SqlValue[]): Row[] {
    return this.#sql.all(statement, ...parameters) as unknown as Row[];
  }
}
