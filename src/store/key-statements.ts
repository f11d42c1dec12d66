// Every statement on `keys`: what is set for one key, until when it rests, and the dead tasks that block it.

import { chunksOf } from "../core/chunks.ts";
import type { KeyOverride } from "../core/key-report.ts";
import { LIMITS } from "../core/limits.ts";
import { AFTER_KEYS, KEY_MARK } from "../core/stored-lane.ts";
import type { Sql } from "./sql.ts";

/** Names in one statement: a value of 2 MB is the platform's largest. */
const NAMES_ASKED = 1_000;

export interface KeyRow {
  readonly key: string;
  readonly override: KeyOverride;
  /** None of it is offered before; 0: it does not rest. */
  readonly restsUntil: number;
  /** Ids of the dead tasks that block it. */
  readonly blockedBy: readonly string[];
}

/** What blocked a key before the queue's last purge does so no more. */
const COLUMNS = `key, override, rests_until AS restsUntil,
  CASE WHEN purges = (SELECT purges FROM queue) THEN blocked_by ELSE '[]' END AS blockedBy`;

export const KEY_SQL = {
  any: `SELECT 1 FROM keys LIMIT 1`,
  get: `SELECT ${COLUMNS} FROM keys WHERE key = ?`,
  /** The table's own order, by name. */
  rated: `SELECT key FROM keys WHERE key IN (SELECT value FROM json_each(?)) AND override ->> 'rate' IS NOT NULL`,
  /** The table's own order. */
  page: `SELECT ${COLUMNS} FROM keys WHERE key > ? ORDER BY key LIMIT +?`,
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
  put: `INSERT INTO keys (key, override, rests_until, blocked_by, purges) VALUES (?, ?, ?, ?, (SELECT purges FROM queue))
    ON CONFLICT (key) DO UPDATE SET override = excluded.override, rests_until = excluded.rests_until,
    blocked_by = excluded.blocked_by, purges = excluded.purges`,
  delete: `DELETE FROM keys WHERE key = ?`,
  /** The table's own order: where a part of it ends. */
  keyAfter: `SELECT key FROM keys WHERE key > ? ORDER BY key LIMIT 1 OFFSET +?`,
  /** A part of the table: rows that say nothing any longer. */
  deleteRested: `DELETE FROM keys WHERE key > ? AND key <= ? AND rests_until <= ? AND override = '{}' AND blocked_by = '[]'`,
  /** The same of all after a key. */
  deleteLastRested: `DELETE FROM keys WHERE key > ? AND rests_until <= ? AND override = '{}' AND blocked_by = '[]'`,
  /** The table's own order: how large the next rows are. */
  sizesAfter: `SELECT key, octet_length(blocked_by) AS bytes FROM keys WHERE key > ? ORDER BY key LIMIT +?`,
  /** A part of the table: rows that say nothing but what blocked their key before the last purge, and then that of the others. */
  deletePurged: `DELETE FROM keys WHERE key > ?1 AND key <= ?2 AND purges < (SELECT purges FROM queue)
    AND rests_until <= ?3 AND override = '{}'`,
  unblockPurged: `UPDATE keys SET blocked_by = '[]' WHERE key > ?1 AND key <= ?2 AND purges < (SELECT purges FROM queue)
    AND blocked_by <> '[]'`,
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

  /** Those of these keys that have a rate of their own. */
  rated(keys: readonly string[]): Set<string> {
    const rows = chunksOf(keys, NAMES_ASKED).flatMap((some) => this.#sql.all(KEY_SQL.rated, JSON.stringify(some)));
    return new Set(rows.map(({ key }) => key as string));
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

  /**
   * Takes out what blocked keys before the last purge, of rows after a place: as many as fit in both bounds, but one if there is any.
   *
   * @returns where to go on; null: there are no more
   */
  sweepPurged(after: string, limit: number, bytes: number, now: number): string | null {
    let upTo: string | null = null;
    let left = bytes;
    for (const size of this.#sql.all(KEY_SQL.sizesAfter, after, limit)) {
      if (left <= 0) break;
      left -= Number(size["bytes"]);
      upTo = size["key"] as string;
    }
    if (upTo === null) return null;
    this.#sql.run(KEY_SQL.deletePurged, after, upTo, now);
    this.#sql.run(KEY_SQL.unblockPurged, after, upTo);
    return upTo;
  }
}

function parsed(row: StoredRow): KeyRow {
  const override = JSON.parse(row.override) as KeyOverride;
  // An import, or an earlier version, may have written more.
  return { ...row, override, blockedBy: (JSON.parse(row.blockedBy) as string[]).slice(0, LIMITS.keyBlockers) };
}
