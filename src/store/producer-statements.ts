// Every statement on `producers`: what each has called, and when it is forgotten.

import type { Sql } from "./sql.ts";

export interface ProducerRow {
  readonly producer: string;
  /** Whose quota it is in. */
  readonly owner: string;
  /** Forgotten from this instant on. */
  readonly endsAt: number;
  /** Numbers below this have left the window. */
  readonly takenFrom: number;
  /** JSON. */
  readonly calls: string;
}

export const PRODUCER_SQL = {
  get: `SELECT producer, owner, ends_at AS endsAt, taken_from AS takenFrom, calls FROM producers WHERE producer = ?`,
  put: `INSERT INTO producers (producer, owner, ends_at, taken_from, calls) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (producer) DO UPDATE SET owner = excluded.owner, ends_at = excluded.ends_at,
    taken_from = excluded.taken_from, calls = excluded.calls`,
  /** Without the columns of producers_ends: a column that is set is an index entry written, whatever its value. */
  setCalls: `UPDATE producers SET taken_from = ?2, calls = ?3 WHERE producer = ?1`,
  /** producers_ends: the first entry of each owner, skipping the rest. */
  nextOwner: `SELECT owner, ends_at AS endsAt FROM producers WHERE owner > ? ORDER BY owner, ends_at LIMIT 1`,
  /** producers_ends */
  countByOwner: `SELECT owner, count(*) AS producers FROM producers GROUP BY owner`,
  /** producers_ends: those of an owner that end first. */
  firstOf: `SELECT producer FROM producers WHERE owner = +? AND ends_at <= ? ORDER BY ends_at LIMIT +?`,
  delete: `DELETE FROM producers WHERE producer IN (SELECT value FROM json_each(?))`,
} as const;

export class ProducerStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(producer: string): ProducerRow | undefined {
    return this.#sql.all(PRODUCER_SQL.get, producer)[0] as unknown as ProducerRow | undefined;
  }

  put({ producer, owner, endsAt, takenFrom, calls }: ProducerRow): void {
    this.#sql.run(PRODUCER_SQL.put, producer, owner, endsAt, takenFrom, calls);
  }

  setCalls(producer: string, takenFrom: number, calls: string): void {
    this.#sql.run(PRODUCER_SQL.setCalls, producer, takenFrom, calls);
  }

  /** Each owner with the instant at which the first of its producers is forgotten. A read for each, however many it has. */
  *owners(): Generator<{ readonly owner: string; readonly endsAt: number }> {
    let after = "";
    for (;;) {
      const [row] = this.#sql.all(PRODUCER_SQL.nextOwner, after) as { owner: string; endsAt: number }[];
      if (row === undefined) return;
      yield row;
      after = row.owner;
    }
  }

  countByOwner(): { owner: string; producers: number }[] {
    return this.#sql.all(PRODUCER_SQL.countByOwner) as { owner: string; producers: number }[];
  }

  firstOf(owner: string, upToAt: number, limit: number): string[] {
    const rows = this.#sql.all(PRODUCER_SQL.firstOf, owner, upToAt, limit) as { producer: string }[];
    return rows.map(({ producer }) => producer);
  }

  delete(producers: readonly string[]): void {
    if (producers.length > 0) this.#sql.run(PRODUCER_SQL.delete, JSON.stringify(producers));
  }
}
