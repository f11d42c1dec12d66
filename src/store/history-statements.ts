// Every statement on `history`: a ring of minutes. A row is overwritten when its place comes round again, so that nothing has to be
// removed, and a minute costs one row.

import type { Sql } from "./sql.ts";

/** Minutes that are kept: seven days. */
export const HISTORY_MINUTES = 7 * 24 * 60;

export const HISTORY_SQL = {
  /** By its place, which is the key. */
  get: `SELECT sample FROM history WHERE place = ? AND minute = ?`,
  put: `INSERT INTO history (place, minute, sample) VALUES (?, ?, ?)
    ON CONFLICT (place) DO UPDATE SET minute = excluded.minute, sample = excluded.sample`,
  /** A range of places, which are the key. */
  between: `SELECT minute, sample FROM history WHERE place BETWEEN ?1 AND ?2 AND minute BETWEEN ?3 AND ?4 ORDER BY place`,
  /**
   * Backwards from the place of a minute, then from the end of the ring. It passes over no more rows than minutes in which nothing
   * was written, so that over any time no more are read than minutes have passed.
   */
  newestUpTo: `SELECT sample FROM history WHERE place <= ?1 AND minute BETWEEN ?2 AND ?3 ORDER BY place DESC LIMIT 1`,
  newestFrom: `SELECT sample FROM history WHERE place > ?1 AND minute BETWEEN ?2 AND ?3 ORDER BY place DESC LIMIT 1`,
  /** The whole ring, for a queue in which nothing has happened for a week. */
  newest: `SELECT sample FROM history WHERE minute BETWEEN ?1 AND ?2 ORDER BY minute DESC LIMIT 1`,
} as const;

export class HistoryStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** @param minute minutes since 1970 */
  get(minute: number): string | null {
    const [row] = this.#sql.all(HISTORY_SQL.get, placeOf(minute), minute) as { sample: string }[];
    return row?.sample ?? null;
  }

  put(minute: number, sample: string): void {
    this.#sql.run(HISTORY_SQL.put, placeOf(minute), minute, sample);
  }

  /** The minutes from one to another, both included and no more than are kept, in their order. */
  between(first: number, last: number): { readonly minute: number; readonly sample: string }[] {
    const read = (from: number, to: number): { minute: number; sample: string }[] =>
      this.#sql.all(HISTORY_SQL.between, from, to, first, last) as { minute: number; sample: string }[];
    const from = placeOf(first);
    const to = placeOf(last);
    return from <= to ? read(from, to) : [...read(from, HISTORY_MINUTES - 1), ...read(0, to)];
  }

  /** The last minute that was written, from one minute to another; null: none was. */
  newest(first: number, last: number): string | null {
    const ring = Math.max(first, last - HISTORY_MINUTES + 1);
    const place = placeOf(last);
    const [row] = [
      () => this.#sql.all(HISTORY_SQL.newestUpTo, place, ring, last),
      () => this.#sql.all(HISTORY_SQL.newestFrom, place, ring, last),
      () => (first < ring ? this.#sql.all(HISTORY_SQL.newest, first, ring - 1) : []),
    ]
      .values()
      .flatMap((read) => read() as { sample: string }[])
      .take(1);
    return row?.sample ?? null;
  }
}

function placeOf(minute: number): number {
  return minute % HISTORY_MINUTES;
}
