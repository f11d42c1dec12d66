// The statements on `tasks` as functions, beside those on the order of its levels. Knows no clock and no rule.

import { chunksOf } from "../core/chunks.ts";
import { INDEXED_FROM } from "../core/sequence.ts";
import { LevelStatements } from "./level-statements.ts";
import { ROWS_A_LIST, TASK_SQL } from "./task-sql.ts";
import type {
  AheadList,
  CountedSlice,
  Death,
  Ended,
  EndedRow,
  InsertedRow,
  MeasuredHead,
  NamedTask,
  PlainRow,
  Sighting,
  TaskHead,
  TaskRow,
} from "./task-row.ts";

/** A row that holds the tasks of `count` keys from `seq` on. */
export interface StoredRun {
  readonly seq: number;
  readonly count: number;
}

/** One instance serves one database. */
export class TaskStatements extends LevelStatements {
  /** Plain tasks under successive keys, in one row; payloads are JSON texts without line breaks. */
  insertPlain(firstSeq: number, payloads: readonly string[]): void {
    if (payloads.length === 1) this.sql.run(TASK_SQL.insertPlain, firstSeq, payloads[0] ?? "");
    else this.sql.run(TASK_SQL.insertRun, firstSeq, payloads.length, payloads.join("\n"));
  }

  insert(row: InsertedRow): void {
    this.sql.run(
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
      row.cost,
      row.retryAt,
      row.payload,
      row.pastAttempts ?? null,
    );
  }

  /** @param payloadBytes payloads up to this size are read along, those of runs left where they are */
  plainFrom(seq: number, limit: number, payloadBytes: number): PlainRow[] {
    return this.rows(TASK_SQL.plainFrom, seq, limit, payloadBytes);
  }

  /** Rows of one task each, by where they are stored, with payloads that are small. */
  wholeAt(seqs: readonly number[]): AheadList[] {
    const lists = chunksOf(seqs, ROWS_A_LIST);
    return this.texts(TASK_SQL.wholeAt, JSON.stringify(lists)).flatMap((rows) => JSON.parse(rows) as AheadList[]);
  }

  /** @param isWithAttempts what they remember of past attempts comes along */
  bySeqs(seqs: readonly number[], isWithAttempts = false): TaskRow[] {
    if (seqs.length === 0) return [];
    if (isWithAttempts) return this.rows(TASK_SQL.bySeqsWithAttempts, JSON.stringify(seqs));
    if (seqs.length === 1) return this.rows(TASK_SQL.bySeq, seqs[0] ?? null);
    return this.rows(TASK_SQL.bySeqs, JSON.stringify(seqs));
  }

  /** Rows of one task each, by where they are stored. */
  headsAt(seqs: readonly number[]): MeasuredHead[] {
    return seqs.length === 0 ? [] : this.rows(TASK_SQL.headsAt, JSON.stringify(seqs));
  }

  /** The row that is this one task, in whichever range it is stored; not a run that holds it. */
  byKey(key: number): TaskRow | undefined {
    return this.rows<TaskRow>(TASK_SQL.byKey, key)[0];
  }

  /** The run that holds a plain key; null: none does. */
  runAt(key: number): StoredRun | null {
    const [row] = this.rows<{ seq: number; run: number | null }>(TASK_SQL.rowAt, key);
    return row === undefined || row.run === null || row.seq + row.run <= key ? null : { seq: row.seq, count: row.run };
  }

  byTaskId(taskId: string): TaskRow | undefined {
    return this.rows<TaskRow>(TASK_SQL.byTaskId, taskId)[0];
  }

  byTaskIds(taskIds: readonly string[]): NamedTask[] {
    return this.rows(TASK_SQL.byTaskIds, JSON.stringify(taskIds));
  }

  /** A window of the table, payloads measured and not read. */
  sightingsFrom(seq: number, limit: number): Sighting[] {
    return this.rows(TASK_SQL.sightingsFrom, seq, limit);
  }

  sightings(seqs: readonly number[]): Sighting[] {
    return this.rows(TASK_SQL.sightings, JSON.stringify(seqs));
  }

  /** Dead tasks in the order in which they will be removed, those after a place. */
  deadAfter(endsAt: number, seq: number, limit: number): MeasuredHead[] {
    return this.#dead(TASK_SQL.deadAt, TASK_SQL.deadAfter, endsAt, seq, limit);
  }

  deadSightingsAfter(endsAt: number, seq: number, limit: number): Sighting[] {
    return this.#dead(TASK_SQL.deadSightingsAt, TASK_SQL.deadSightingsAfter, endsAt, seq, limit);
  }

  #dead<Row>(at: string, after: string, endsAt: number, seq: number, limit: number): Row[] {
    const tied = this.rows<Row>(at, endsAt, seq, limit);
    return tied.length >= limit ? tied : [...tied, ...this.rows<Row>(after, endsAt, limit - tied.length)];
  }

  headsAfter(seq: number, limit: number): MeasuredHead[] {
    return this.rows(TASK_SQL.headsAfter, seq, limit);
  }

  headByTaskId(taskId: string): MeasuredHead | undefined {
    return this.rows<MeasuredHead>(TASK_SQL.headByTaskId, taskId)[0];
  }

  /** Of a task that is not in a run. */
  headByKey(key: number): MeasuredHead | undefined {
    return this.rows<MeasuredHead>(TASK_SQL.headByKey, key)[0];
  }

  endedOf(state: number, now: number, limit: number): EndedRow[] {
    return this.rows(TASK_SQL.endedOf, state, now, limit);
  }

  /** Live tasks that have ended, in the order in which they did, those after a place. */
  liveEndedAfter(endsAt: number, seq: number, now: number, limit: number): EndedRow[] {
    const tied = this.rows<EndedRow>(TASK_SQL.liveEndedAt, endsAt, seq, limit);
    if (tied.length >= limit) return tied;
    return [...tied, ...this.rows<EndedRow>(TASK_SQL.liveEndedAfter, endsAt, now, limit - tied.length)];
  }

  firstEndOf(state: number): number | null {
    return this.rows<{ endsAt: number | null }>(TASK_SQL.firstEndOf, state)[0]?.endsAt ?? null;
  }

  lastEndOf(state: number): number | null {
    return this.rows<{ endsAt: number | null }>(TASK_SQL.lastEndOf, state)[0]?.endsAt ?? null;
  }

  /** Tasks go by the ids that their keys give them. */
  giveUpIds(seqs: readonly number[]): void {
    if (seqs.length > 0) this.sql.run(TASK_SQL.giveUpIds, JSON.stringify(seqs));
  }

  delete(seqs: readonly number[]): void {
    if (seqs.length === 1) this.sql.run(TASK_SQL.deleteOne, seqs[0] ?? null);
    else if (seqs.length > 1) this.sql.run(TASK_SQL.delete, JSON.stringify(seqs));
  }

  markDone(seqs: readonly number[], forgetAt: number): void {
    if (seqs.length > 0) this.sql.run(TASK_SQL.markDone, forgetAt, JSON.stringify(seqs));
  }

  /** @param death the attempt is null: it has been remembered before */
  markDead(seq: number, { attempts, endsAt, diedAt, error, attempt }: Death): void {
    this.sql.run(TASK_SQL.markDead, attempts, endsAt, diedAt, error, attempt, seq);
  }

  markFailed(seq: number, visibleAt: number, { attempts, error, attempt }: Ended): void {
    this.sql.run(TASK_SQL.markFailed, attempts, visibleAt, error, attempt, seq);
  }

  markReleased(seq: number, visibleAt: number, attempt: string): void {
    this.sql.run(TASK_SQL.markReleased, visibleAt, attempt, seq);
  }

  markWaiting(seq: number, retryAt: number, { attempts, error, attempt }: Ended): void {
    this.sql.run(TASK_SQL.markWaiting, attempts, retryAt, error, attempt, seq);
  }

  revive(seq: number, visibleAt: number, retryAt: number | null): void {
    this.sql.run(TASK_SQL.revive, visibleAt, retryAt, seq);
  }

  /**
   * Writes a task's version, place and content.
   *
   * @param payload null: it stays as it is
   * @param attempt one that has ended, to be remembered; null: none has
   */
  change(head: TaskHead, payload: TaskRow["payload"] | null, attempt: string | null = null): void {
    const { version, attempts, visibleAt, lane, priority, seq } = head;
    const content = [
      head.contentType,
      head.headers,
      head.error,
      head.cost,
      head.retryAt,
      head.origin,
      payload,
    ] as const;
    this.sql.run(TASK_SQL.change, version, attempts, visibleAt, lane, priority, ...content, attempt, seq);
  }

  /** The same for a task whose lane, priority and time stay as they are. */
  changeInPlace(head: TaskHead, payload: TaskRow["payload"] | null): void {
    const { version, attempts, contentType, headers, error, cost, origin, seq } = head;
    this.sql.run(TASK_SQL.changeInPlace, version, attempts, contentType, headers, error, cost, origin, payload, seq);
  }

  /** The last key of the `rows` rows after a place; null: there are not so many. */
  seqAfter(seq: number, rows: number): number | null {
    return this.rows<{ lastSeq: number }>(TASK_SQL.seqAfter, seq, rows - 1)[0]?.lastSeq ?? null;
  }

  /** The first row's last key in each range that has rows. */
  firstSeqs(): number[] {
    return [0, INDEXED_FROM].map((from) => this.seqAfter(from - 1, 1)).filter((seq) => seq !== null);
  }

  /** The tasks of the rows after one place and up to another, those visible after `visibleAfter` beside them. */
  countBetween(afterSeq: number, toSeq: number, visibleAfter: number): CountedSlice[] {
    return this.rows(TASK_SQL.countBetween, afterSeq, toSeq, visibleAfter);
  }

  /** Of the same rows those that wait for their retry in their place. */
  waitingBetween(
    afterSeq: number,
    toSeq: number,
    retryAfter: number,
    limit: number,
  ): { readonly seq: number; readonly lane: string; readonly retryAt: number }[] {
    return this.rows(TASK_SQL.waitingBetween, afterSeq, toSeq, retryAfter, limit);
  }

  /** The highest key of each range: where the sequence goes on after a restart. */
  lastSeqs(): number[] {
    return [TASK_SQL.lastPlain, TASK_SQL.lastIndexed].map(
      (statement) => this.rows<{ lastSeq: number | null }>(statement)[0]?.lastSeq ?? 0,
    );
  }
}
