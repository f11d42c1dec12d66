// Queues that are being put back, as the directory keeps them, and how often each has been: the caller who asked for it may be gone
// before the queue has been notified. The queue's own database cannot know, since it is put back too.

import type { Sql } from "../store/sql.ts";

/** How long the caller who asked has to notify the queue. ms. */
const PATIENCE_MS = 60_000;
/** Notified at one time. */
const SLICE = 100;

/** A queue that has to be notified, and how often it has been put back, this time included. */
export interface PutBack {
  readonly name: string;
  readonly times: number;
}

export class RewindsUnderWay {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#sql.run(`CREATE TABLE IF NOT EXISTS rewinds (name TEXT PRIMARY KEY, due_at INTEGER NOT NULL) WITHOUT ROWID`);
    // Kept for good: a row for each queue that was ever put back.
    this.#sql.run(
      `CREATE TABLE IF NOT EXISTS rewinds_counted (name TEXT PRIMARY KEY, times INTEGER NOT NULL) WITHOUT ROWID`,
    );
  }

  /** It begins. Answers how often this queue has been put back, this time included. */
  begins(name: string, now: number): number {
    return this.#sql.transaction(() => {
      this.again(name, now);
      const [row] = this.#sql.all(
        `INSERT INTO rewinds_counted (name, times) VALUES (?, 1)
         ON CONFLICT (name) DO UPDATE SET times = times + 1 RETURNING times`,
        name,
      );
      return Number(row?.["times"]);
    });
  }

  /** It has to be looked after again. */
  again(name: string, now: number): void {
    this.#sql.run(`INSERT OR REPLACE INTO rewinds (name, due_at) VALUES (?, ?)`, name, now + PATIENCE_MS);
  }

  /**
   * A queue registers anew when it has been notified, with how often it was put back. A registration with another number may have been
   * sent before it was put back, and ends nothing.
   */
  registered(name: string, body: string): void {
    const { timesPutBack } = JSON.parse(body) as { readonly timesPutBack?: number };
    if (timesPutBack !== undefined && timesPutBack === this.#timesOf(name)) this.ended(name);
  }

  #timesOf(name: string): number | null {
    const [row] = this.#sql.all(`SELECT times FROM rewinds_counted WHERE name = ?`, name);
    return row === undefined ? null : Number(row["times"]);
  }

  /** The queue has been notified, or was not put back. */
  ended(name: string): void {
    this.#sql.run(`DELETE FROM rewinds WHERE name = ?`, name);
  }

  /** When the next of those who asked is taken to be gone; null: there is none. */
  nextAt(): number | null {
    const [row] = this.#sql.all(`SELECT min(due_at) AS dueAt FROM rewinds`);
    const dueAt = row?.["dueAt"] ?? null;
    return dueAt === null ? null : Number(dueAt);
  }

  /** Queues that nobody has looked after in time, some of them at one time. */
  overdue(now: number): PutBack[] {
    // Those of a version that did not count are put back for the first time as far as anybody knows.
    return this.#sql.all(
      `SELECT name, coalesce(times, 1) AS times FROM rewinds LEFT JOIN rewinds_counted USING (name)
       WHERE due_at <= ? LIMIT ${SLICE}`,
      now,
    ) as unknown as PutBack[];
  }
}
