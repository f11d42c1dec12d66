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
  /** null: of a schema that had them in `calls`. */
  readonly fingerprints: Uint8Array | null;
}

/** Each owner, skipping all but the first of its producers: in one statement, since there may be as many owners as producers. */
const OWNERS = `WITH RECURSIVE o (owner) AS (SELECT (SELECT min(owner) FROM producers)
  UNION ALL SELECT (SELECT owner FROM producers WHERE owner > o.owner ORDER BY owner LIMIT 1) FROM o WHERE o.owner IS NOT NULL)`;
const FIRST_END = `(SELECT ends_at FROM producers WHERE owner = o.owner ORDER BY ends_at LIMIT 1)`;

export const PRODUCER_SQL = {
  get: `SELECT producer, owner, ends_at AS endsAt, taken_from AS takenFrom, calls, fingerprints FROM producers WHERE producer = ?`,
  put: `INSERT INTO producers (producer, owner, ends_at, taken_from, calls, fingerprints) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT (producer) DO UPDATE SET owner = excluded.owner, ends_at = excluded.ends_at,
    taken_from = excluded.taken_from, calls = excluded.calls, fingerprints = excluded.fingerprints`,
  /** Without the columns of producers_ends: a column that is set is an index entry written, whatever its value. */
  setCalls: `UPDATE producers SET taken_from = ?2, calls = ?3, fingerprints = ?4 WHERE producer = ?1`,
  /** producers_ends: the first entry of each owner. */
  firstEnd: `${OWNERS} SELECT min(${FIRST_END}) AS endsAt FROM o WHERE owner IS NOT NULL`,
  ended: `${OWNERS} SELECT owner FROM o WHERE owner IS NOT NULL AND ${FIRST_END} <= ? LIMIT +?`,
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
    const row = this.#sql.all(PRODUCER_SQL.get, producer)[0] as unknown as ProducerRow | undefined;
    return row && { ...row, fingerprints: row.fingerprints && new Uint8Array(row.fingerprints) };
  }

  put({ producer, owner, endsAt, takenFrom, calls, fingerprints }: ProducerRow): void {
    this.#sql.run(PRODUCER_SQL.put, producer, owner, endsAt, takenFrom, calls, fingerprints);
  }

  setCalls(producer: string, takenFrom: number, calls: string, fingerprints: Uint8Array): void {
    this.#sql.run(PRODUCER_SQL.setCalls, producer, takenFrom, calls, fingerprints);
  }

  /** When the first of all is forgotten; null: there is none. */
  firstEnd(): number | null {
    return (this.#sql.all(PRODUCER_SQL.firstEnd)[0]?.["endsAt"] ?? null) as number | null;
  }

  /** Owners of producers that are to be forgotten by then. */
  endedOwners(now: number, limit: number): string[] {
    return this.#sql.all(PRODUCER_SQL.ended, now, limit).map(({ owner }) => owner as string);
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
