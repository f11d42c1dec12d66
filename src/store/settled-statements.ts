// Every statement on `settled`: which tasks of a run are over while others of it are not.

import type { Sql } from "./sql.ts";

export const SETTLED_SQL = {
  put: `INSERT INTO settled (seq, places) VALUES (?, ?) ON CONFLICT (seq) DO UPDATE SET places = excluded.places`,
  delete: `DELETE FROM settled WHERE seq = ?`,
  deleteAll: `DELETE FROM settled`,
  /** As many rows as there are runs that claims are at work on, and at most a few more. */
  all: `SELECT s.seq, t.run, s.places FROM settled s JOIN tasks t ON t.seq = s.seq`,
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

  all(): { seq: number; run: number; places: Range[] }[] {
    const rows = this.#sql.all(SETTLED_SQL.all) as { seq: number; run: number; places: string }[];
    return rows.map((row) => ({ ...row, places: JSON.parse(row.places) as Range[] }));
  }
}
