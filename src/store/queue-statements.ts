// The one row of `queue`: who this object is and how its owner set it.

import type { Settings } from "../core/settings.ts";
import type { Sql } from "./sql.ts";

export interface QueueRow {
  readonly name: string;
  readonly tag: string;
  readonly createdAt: number;
  readonly deletedAt: number | null;
  readonly settings: Settings;
}

export const QUEUE_SQL = {
  get: `SELECT name, tag, created_at AS createdAt, deleted_at AS deletedAt, settings FROM queue`,
  put: `INSERT INTO queue (id, name, tag, created_at, deleted_at, settings) VALUES (1, ?, ?, ?, ?, ?)
    ON CONFLICT (id) DO UPDATE SET created_at = excluded.created_at, deleted_at = excluded.deleted_at,
    settings = excluded.settings`,
} as const;

export class QueueStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(): QueueRow | null {
    const row = this.#sql.all(QUEUE_SQL.get)[0] as (Omit<QueueRow, "settings"> & { settings: string }) | undefined;
    return row === undefined ? null : { ...row, settings: JSON.parse(row.settings) as Settings };
  }

  put(row: QueueRow): void {
    this.#sql.run(QUEUE_SQL.put, row.name, row.tag, row.createdAt, row.deletedAt, JSON.stringify(row.settings));
  }
}
