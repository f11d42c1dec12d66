// Queues that are being put back, as the directory keeps them: who asked for it may be gone before the queue has been told. The queue's own
// database cannot say so, since it is put back too.

import type { Sql } from "../store/sql.ts";

/** How long whoever asked has to tell the queue. ms. */
const PATIENCE_MS = 60_000;
/** Told at one time. */
const SLICE = 100;

export class RewindsUnderWay {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
    this.#sql.run(`CREATE TABLE IF NOT EXISTS rewinds (name TEXT PRIMARY KEY, due_at INTEGER NOT NULL) WITHOUT ROWID`);
  }

  /** It begins; or has to be looked after again. */
  begins(name: string, now: number): void {
    this.#sql.run(`INSERT OR REPLACE INTO rewinds (name, due_at) VALUES (?, ?)`, name, now + PATIENCE_MS);
  }

  /** The queue has been told, or was not put back. */
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
  overdue(now: number): string[] {
    return this.#sql
      .all(`SELECT name FROM rewinds WHERE due_at <= ? LIMIT ${SLICE}`, now)
      .map(({ name }) => name as string);
  }
}
