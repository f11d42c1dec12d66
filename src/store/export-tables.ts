// While a queue is exported page by page, it goes on living: triggers note which rows change, so that those can be sent again
// at the end. All of it exists for as long as an export lasts.

import type { AsideTables } from "./aside-tables.ts";
import type { Sql, SqlValue } from "./sql.ts";
import { storedTables, type StoredTable } from "./stored-tables.ts";

/** An export under way, as it is kept. `at` is where the last page began, `next` where the next one will: JSON. */
export interface ExportRow {
  readonly export: string;
  readonly page: number;
  readonly at: string;
  readonly next: string;
  readonly touchedAt: number;
}

export interface ChangedRow {
  /** Rises with each change. */
  readonly n: number;
  readonly of: string;
  /** JSON: the row's key. */
  readonly key: string;
}

const LOG = "CREATE TABLE export_log (n INTEGER PRIMARY KEY, of TEXT NOT NULL, key TEXT NOT NULL)";
const STATE = `CREATE TABLE export_state (
  id INTEGER PRIMARY KEY CONSTRAINT only_one CHECK (id = 1), export TEXT NOT NULL, page INTEGER NOT NULL, at TEXT NOT NULL,
  next TEXT NOT NULL, touched_at INTEGER NOT NULL)`;

export class ExportTables {
  readonly #sql: Sql;
  readonly #aside: AsideTables;
  #touchedAt: number | null = null;

  constructor(sql: Sql, aside: AsideTables) {
    this.#sql = sql;
    this.#aside = aside;
  }

  /** @param names of all tables that there are */
  load(names: readonly string[]): void {
    this.#touchedAt = names.includes("export_state") ? (this.get()?.touchedAt ?? 0) : null;
  }

  /** When the export under way was last asked for; null: there is none. */
  get touchedAt(): number | null {
    return this.#touchedAt;
  }

  get(): ExportRow | undefined {
    const rows = this.#sql.all(`SELECT export, page, at, next, touched_at AS touchedAt FROM export_state`);
    return rows[0] as unknown as ExportRow | undefined;
  }

  /** From now on every change of a row is noted. */
  begin(): void {
    this.end();
    this.#sql.run(LOG);
    this.#sql.run(STATE);
    for (const table of storedTables(this.#sql)) {
      for (const [name, statement] of triggersOf(table)) this.#sql.run(`CREATE TRIGGER ${name} ${statement}`);
    }
    this.#touchedAt = 0;
  }

  put({ export: name, page, at, next, touchedAt }: ExportRow): void {
    this.#sql.run(
      `INSERT OR REPLACE INTO export_state (id, export, page, at, next, touched_at) VALUES (1, ?, ?, ?, ?, ?)`,
      name,
      page,
      at,
      next,
      touchedAt,
    );
    this.#touchedAt = touchedAt;
  }

  changedAfter(n: number, limit: number): ChangedRow[] {
    const changed = `SELECT n, of, key FROM export_log WHERE n > ? ORDER BY n LIMIT +?`;
    return this.#sql.all(changed, n, limit) as unknown as ChangedRow[];
  }

  end(): void {
    if (this.#touchedAt === null) return;
    for (const table of storedTables(this.#sql)) {
      for (const [name] of triggersOf(table)) this.#sql.run(`DROP TRIGGER IF EXISTS ${name}`);
    }
    // It may hold every change of a long export.
    this.#aside.discard("export_log");
    this.#sql.run(`DROP TABLE export_state`);
    this.#touchedAt = null;
  }
}

function triggersOf({ name, key }: StoredTable): [string, string][] {
  const note = (row: "NEW" | "OLD"): string =>
    `INSERT INTO export_log (of, key) SELECT '${name}', json_array(${key.map((column) => `${row}.${column}`).join(", ")})`;
  const isMoved = key.map((column) => `NEW.${column} IS NOT OLD.${column}`).join(" OR ");
  return [
    [`export_${name}_insert`, `AFTER INSERT ON ${name} BEGIN ${note("NEW")}; END`],
    [`export_${name}_update`, `AFTER UPDATE ON ${name} BEGIN ${note("NEW")}; ${note("OLD")} WHERE ${isMoved}; END`],
    [`export_${name}_delete`, `AFTER DELETE ON ${name} BEGIN ${note("OLD")}; END`],
  ];
}

/** JSON to a key of a row. */
export function parseKey(key: string): readonly SqlValue[] {
  return JSON.parse(key) as SqlValue[];
}
