// The one row of `queue`: who this object is and how its owner set it.

import { DEFAULT_SETTINGS, type Settings } from "../core/settings.ts";
import type { FormerLife, Lives } from "../core/task-id.ts";
import type { Sql } from "./sql.ts";

export interface QueueRow extends Lives {
  readonly name: string;
  readonly createdAt: number;
  readonly deletedAt: number | null;
  readonly settings: Settings;
  /** The last key that had been given out when rows with the last keys were removed. */
  readonly lastKey: number;
  /** How often it was purged: what blocked a key before the last time does so no more. */
  readonly purges: number;
  /** Up to which purge the rows of keys have been rid of that. */
  readonly purgesSwept: number;
}

type StoredRow = Omit<QueueRow, "settings" | "former"> & { readonly settings: string; readonly former: string };

export const QUEUE_SQL = {
  get: `SELECT name, tag, created_at AS createdAt, deleted_at AS deletedAt, settings, last_key AS lastKey,
    former, purges, purges_swept AS purgesSwept FROM queue`,
  put: `INSERT INTO queue (id, name, tag, created_at, deleted_at, settings, last_key, former, purges, purges_swept)
    VALUES (1, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET name = excluded.name, created_at = excluded.created_at, deleted_at = excluded.deleted_at,
    settings = excluded.settings, last_key = excluded.last_key, tag = excluded.tag, former = excluded.former,
    purges = excluded.purges, purges_swept = excluded.purges_swept`,
} as const;

export class QueueStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(): QueueRow | null {
    const row = this.#sql.all(QUEUE_SQL.get)[0] as StoredRow | undefined;
    // What has been added since it was written has its default.
    return row === undefined
      ? null
      : {
          ...row,
          settings: { ...DEFAULT_SETTINGS, ...(JSON.parse(row.settings) as Settings) },
          former: JSON.parse(row.former) as FormerLife[],
        };
  }

  put(row: QueueRow): void {
    const { name, tag, createdAt, deletedAt, lastKey, purges, purgesSwept } = row;
    const [settings, former] = [JSON.stringify(row.settings), JSON.stringify(row.former)];
    this.#sql.run(QUEUE_SQL.put, name, tag, createdAt, deletedAt, settings, lastKey, former, purges, purgesSwept);
  }
}
