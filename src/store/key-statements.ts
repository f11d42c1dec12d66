// Every statement on `keys`: what is set for one key, until when it rests, and the dead tasks that block it.

import type { KeyOverride } from "../core/key-report.ts";
import { LIMITS } from "../core/limits.ts";
import { AFTER_KEYS, KEY_MARK } from "../core/stored-lane.ts";
import type { Sql } from "./sql.ts";

export interface KeyRow {
  readonly key: string;
  readonly override: KeyOverride;
  /** None of it is offered before; 0: it does not rest. */
  readonly restsUntil: number;
  /** Ids of the dead tasks that block it. */
  readonly blockedBy: readonly string[];
}

export const KEY_SQL = {
  any: `SELECT 1 FROM keys LIMIT 1`,
  get: `SELECT key, override, rests_until AS restsUntil, blocked_by AS blockedBy FROM keys WHERE key = ?`,
  /** The table's own order. */
  page: `SELECT key, override, rests_until AS restsUntil, blocked_by AS blockedBy FROM keys WHERE key > ? ORDER BY key LIMIT +?`,
  /**
   * tasks_ready and the table's own order: the names of keys after one, the least of what each lane and this table hold next,
   * each found by one probe a lane, whatever the backlog.
   */
  namesAfter: `WITH RECURSIVE name(key) AS (SELECT ?1 UNION ALL SELECT (
      SELECT min(key) FROM (
        SELECT (SELECT substr(t.lane, length(l.value) + 2) FROM tasks t WHERE t.visible_at IS NOT NULL
          AND t.lane > l.value || '${KEY_MARK}' || name.key AND t.lane < l.value || '${AFTER_KEYS}'
          ORDER BY t.lane LIMIT 1) AS key FROM json_each(?2) l
        UNION ALL SELECT (SELECT k.key FROM keys k WHERE k.key > name.key ORDER BY k.key LIMIT 1) AS key))
    FROM name WHERE name.key IS NOT NULL)
    SELECT key FROM name WHERE key IS NOT NULL LIMIT +?3 OFFSET 1`,
  put: `INSERT INTO keys (key, override, rests_until, blocked_by) VALUES (?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET override = excluded.override, rests_until = excluded.rests_until,
    blocked_by = excluded.blocked_by`,
  delete: `DELETE FROM keys WHERE key = ?`,
  /** The table's own order: where a part of it ends. */
  keyAfter: `SELECT key FROM keys WHERE key > ? ORDER BY key LIMIT 1 OFFSET +?`,
  /** A part of the table: rows that say nothing any longer. */
  deleteRested: `DELETE FROM keys WHERE key > ? AND key <= ? AND rests_until <= ? AND override = '{}' AND blocked_by = '[]'`,
  /** The same of all after a key. */
  deleteLastRested: `DELETE FROM keys WHERE key > ? AND rests_until <= ? AND override = '{}' AND blocked_by = '[]'`,
  /** All of the table: rows that say nothing but what blocks their key, and then what blocks the others. */
  deleteBlocked: `DELETE FROM keys WHERE rests_until <= ? AND override = '{}' AND blocked_by <> '[]'`,
  unblock: `UPDATE keys SET blocked_by = '[]' WHERE blocked_by <> '[]'`,
} as const;

interface StoredRow {
  readonly key: string;
  readonly override: string;
  readonly restsUntil: number;
  readonly blockedBy: string;
}

export class KeyStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  hasAny(): boolean {
    return this.#sql.all(KEY_SQL.any).length > 0;
  }

  get(key: string): KeyRow | null {
    const [row] = this.#sql.all(KEY_SQL.get, key) as unknown as StoredRow[];
    return row === undefined ? null : parsed(row);
  }

  page(after: string, limit: number): KeyRow[] {
    return (this.#sql.all(KEY_SQL.page, after, limit) as unknown as StoredRow[]).map(parsed);
  }

  namesAfter(after: string, lanes: readonly string[], limit: number): string[] {
    const rows = this.#sql.all(KEY_SQL.namesAfter, after, JSON.stringify(lanes), limit);
    return rows.map(({ key }) => key as string);
  }

  put({ key, override, restsUntil, blockedBy }: KeyRow): void {
    this.#sql.run(KEY_SQL.put, key, JSON.stringify(override), restsUntil, JSON.stringify(blockedBy));
  }

  delete(key: string): void {
    this.#sql.run(KEY_SQL.delete, key);
  }

  /**
   * Deletes what says nothing any longer of `limit` rows after a place.
   *
   * @returns where to go on; null: there are no more
   */
  deleteRested(after: string, limit: number, now: number): string | null {
    const [last] = this.#sql.all(KEY_SQL.keyAfter, after, limit - 1);
    if (last === undefined) {
      this.#sql.run(KEY_SQL.deleteLastRested, after, now);
      return null;
    }
    const key = last["key"] as string;
    this.#sql.run(KEY_SQL.deleteRested, after, key, now);
    return key;
  }

  /** No key is blocked any longer. */
  unblockAll(now: number): void {
    this.#sql.run(KEY_SQL.deleteBlocked, now);
    this.#sql.run(KEY_SQL.unblock);
  }
}

function parsed(row: StoredRow): KeyRow {
  const override = JSON.parse(row.override) as KeyOverride;
  // An import, or an earlier version, may have written more.
  return { ...row, override, blockedBy: (JSON.parse(row.blockedBy) as string[]).slice(0, LIMITS.keyBlockers) };
}
