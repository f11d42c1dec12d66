// Every statement on `documents`: small JSON values beside the tasks, in the order of their keys.

import type { Document } from "../core/document.ts";
import type { Sql } from "./sql.ts";

const ROW = `key, version, created_at AS createdAt, updated_at AS updatedAt, value`;

export const DOCUMENT_SQL = {
  get: `SELECT ${ROW} FROM documents WHERE key = ?`,
  versions: `SELECT key, version, created_at AS createdAt FROM documents WHERE key IN (SELECT value FROM json_each(?))`,
  put: `INSERT INTO documents (key, version, created_at, updated_at, value) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (key) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at, value = excluded.value`,
  delete: `DELETE FROM documents WHERE key = ?`,
  /** The table's own order. */
  page: `SELECT ${ROW} FROM documents WHERE key > ? AND key >= ? AND key < ? ORDER BY key LIMIT +?`,
} as const;

/** Sorts after every key: no key holds a character above `z`. */
const AFTER_KEYS = "~";

export class DocumentStatements {
  readonly #sql: Sql;

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  get(key: string): Document | undefined {
    return this.#sql.all(DOCUMENT_SQL.get, key)[0] as unknown as Document | undefined;
  }

  /** What is there of these keys, without the values. */
  versions(keys: readonly string[]): Pick<Document, "key" | "version" | "createdAt">[] {
    if (keys.length === 0) return [];
    return this.#sql.all(DOCUMENT_SQL.versions, JSON.stringify(keys)) as unknown as Document[];
  }

  put({ key, version, createdAt, updatedAt, value }: Document): void {
    this.#sql.run(DOCUMENT_SQL.put, key, version, createdAt, updatedAt, value);
  }

  delete(key: string): void {
    this.#sql.run(DOCUMENT_SQL.delete, key);
  }

  /** Those with the prefix that come after the key `after`. */
  page(prefix: string, after: string, limit: number): Document[] {
    return this.#sql.all(DOCUMENT_SQL.page, after, prefix, prefix + AFTER_KEYS, limit) as unknown as Document[];
  }
}
