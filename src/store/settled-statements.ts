// Every statement on `settled`: which tasks of a run are over while others of it are not.

import type { Sql } from "./sql.ts";

export const SETTLED_SQL = {
  put: `INSERT INTO settled (seq, places) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET places = excluded.places`,
  delete: `DELETE FROM settled WHERE seq = ?`,
  deleteAll: `DELETE FROM settled`,
  first: `SELECT s.seq, t.run, s.places FROM settled s CROSS JOIN tasks t ON t.seq = s.seq ORDER BY s.seq LIMIT +?`,
  get: `SELECT places FROM settled WHERE seq = ?`,
  between: `SELECT seq, places FROM settled WHERE seq > ? AND seq <= ?`,
} as const;

export type Range = readonly [first: number, last: number];

export class SettledStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  put(seq: number, places: readonly Range[]): void {
    this.#sql.run(SETTLED_SQL.put, seq, JSON.stringify(places));
  }

  delete(seq: number): void {
    this.#sql.run(SETTLED_SQL.delete, seq);
  }

  deleteAll(): void {
    this.#sql.run(SETTLED_SQL.deleteAll);
  }

  /** The oldest, each with the length of its run. */
  first(limit: number): { seq: number; run: number; places: Range[] }[] {
    const rows = this.#sql.all(SETTLED_SQL.first, limit) as { seq: number; run: number; places: string }[];
    return rows.map((row) => ({ ...row, places: JSON.parse(row.places) as Range[] }));
  }

  get(seq: number): Range[] {
    const [row] = this.#sql.all(SETTLED_SQL.get, seq) as { places: string }[];
    return row === undefined ? [] : (JSON.parse(row.places) as Range[]);
  }

  /** Those of runs after one key and up to another. */
  between(afterSeq: number, toSeq: number): { seq: number; places: Range[] }[] {
    const rows = this.#sql.all(SETTLED_SQL.between, afterSeq, toSeq) as { seq: number; places: string }[];
    return rows.map((row) => ({ ...row, places: JSON.parse(row.places) as Range[] }));
  }
}
