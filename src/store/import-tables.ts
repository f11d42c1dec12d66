// Imported rows stand in tables of their own, where nobody sees them, until all of them have come. Then these take the place of the
// queue's, in one commit, however many rows they hold.

import type { ExportHead, TransferRecord, TransferValue } from "../core/transfer.ts";
import { utf8Bytes } from "../core/utf8-bytes.ts";
import { laterHolds, type AsideTables } from "./aside-tables.ts";
import { DONE } from "./task-row.ts";
import { storedShape, type BadRecord } from "./stored-shapes.ts";
import type { Sql, SqlValue } from "./sql.ts";
import { storedTables, type StoredTable } from "./stored-tables.ts";

export interface ImportRow {
  readonly head: ExportHead;
  /** Taken so far. */
  readonly records: number;
}

const STATE = `CREATE TABLE import_state (
  id INTEGER PRIMARY KEY CONSTRAINT only_one CHECK (id = 1), export TEXT NOT NULL, head TEXT NOT NULL,
  records INTEGER NOT NULL, touched_at INTEGER NOT NULL)`;

/** The largest row that an object stores. */
const ROW_BYTES = 2_000_000;

export class ImportTables {
  readonly #sql: Sql;
  readonly #aside: AsideTables;
  #tables: ReadonlyMap<string, StoredTable> | null = null;
  #touchedAt: number | null = null;

  constructor(sql: Sql, aside: AsideTables) {
    this.#sql = sql;
    this.#aside = aside;
  }

  /** @param names of all tables that there are */
  load(names: readonly string[]): void {
    this.#tables = null;
    const isThere = names.includes("import_state");
    const [row] = isThere ? this.#sql.all(`SELECT touched_at AS touchedAt FROM import_state`) : [];
    this.#touchedAt = row === undefined ? null : Number(row["touchedAt"]);
  }

  /** When the last records of an import under way came; null: there is none. */
  get touchedAt(): number | null {
    return this.#touchedAt;
  }

  get(): ImportRow | null {
    if (this.#touchedAt === null) return null;
    const [row] = this.#sql.all(`SELECT head, records FROM import_state`) as unknown as {
      readonly head: string;
      readonly records: number;
    }[];
    return row === undefined ? null : { head: JSON.parse(row.head) as ExportHead, records: row.records };
  }

  /** An import begins; one that was under way is given up. */
  begin(head: ExportHead, now: number): void {
    this.giveUp();
    for (const { name } of storedTables(this.#sql)) this.#aside.makeLike(name, `import_${name}`);
    this.#sql.run(STATE);
    const insert = `INSERT INTO import_state (id, export, head, records, touched_at) VALUES (1, ?, ?, 0, ?)`;
    this.#sql.run(insert, head.export, JSON.stringify(head), now);
    this.#touchedAt = now;
  }

  /** What is wrong with a record, as far as it can be known without storing it. */
  badIn(record: TransferRecord): BadRecord | null {
    const table = this.#known().get(record.table);
    if (table === undefined) {
      const allowed = `one of ${[...this.#known().keys()].join(", ")}`;
      return { field: "table", given: record.table, allowed };
    }
    if ("row" in record) return this.#badInRow(table, record.row);
    if (record.gone.length === table.key.length) return null;
    return { field: "gone", given: record.gone, allowed: `the row's ${table.key.join(" and ")}` };
  }

  /** Stores one that is not bad; the table's own constraints may refuse it yet. */
  write(record: TransferRecord): BadRecord | null {
    const table = this.#known().get(record.table);
    if (table === undefined) throw new Error(`there is no table ${record.table}`);
    if ("gone" in record) {
      const where = table.key.map((column) => `${column} = ?`).join(" AND ");
      this.#sql.run(`DELETE FROM import_${table.name} WHERE ${where}`, ...record.gone.map(asStored));
      return null;
    }
    const columns = Object.keys(record.row);
    const values = Object.values(record.row).map(asStored);
    const places = columns.map(() => "?").join(", ");
    const insert = `INSERT OR REPLACE INTO import_${table.name} (${columns.join(", ")}) VALUES (${places})`;
    try {
      this.#sql.run(insert, ...values);
    } catch (error) {
      // A row that no version of this queue has written.
      if (!/constraint failed/.test(String(error))) throw error;
      return { field: "row", given: record.row[table.key[0] ?? ""], allowed: `a row of ${table.name}` };
    }
    return null;
  }

  taken(records: number, now: number): void {
    this.#sql.run(`UPDATE import_state SET records = ?, touched_at = ?`, records, now);
    this.#touchedAt = now;
  }

  /**
   * The imported tables take the place of the queue's, whose rows go in later turns.
   *
   * @param isSameQueue it was this queue that was exported: only then are the messages that it had taken and those that it
   *   still owed its own
   */
  takePlace(isSameQueue: boolean): void {
    for (const table of this.#known().values()) {
      const { name, key } = table;
      // What is known of messages between queues is joined to what is there: each is taken once, whatever is imported (P9).
      if (name === "outbox" || name === "inbox") {
        // As many and as large as they may be, they follow in later turns.
        if (isSameQueue) this.#aside.discardAsMail(`import_${name}`, name);
      } else if (name === "sent") {
        const join = `INSERT INTO sent SELECT * FROM import_sent WHERE true ON CONFLICT (${key.join(", ")}) DO`;
        this.#sql.run(`${join} ${laterHolds(table)}`);
      } else {
        this.#aside.discard(name);
        this.#sql.run(`ALTER TABLE import_${name} RENAME TO ${name}`);
      }
    }
    this.#end();
  }

  /** Whether the queue's own row has come. */
  holdsQueue(): boolean {
    return this.#sql.all(`SELECT 1 FROM import_queue`).length > 0;
  }

  giveUp(): void {
    if (this.#touchedAt !== null) this.#end();
  }

  #end(): void {
    for (const name of this.#known().keys()) {
      const isThere = this.#sql.all(`SELECT 1 FROM sqlite_master WHERE name = ?`, `import_${name}`).length > 0;
      if (isThere) this.#aside.discard(`import_${name}`);
    }
    this.#sql.run(`DROP TABLE import_state`);
    this.#touchedAt = null;
    this.#tables = null;
  }

  #known(): ReadonlyMap<string, StoredTable> {
    this.#tables ??= new Map(storedTables(this.#sql).map((table) => [table.name, table]));
    return this.#tables;
  }

  #badInRow(table: StoredTable, row: Readonly<Record<string, TransferValue>>): BadRecord | null {
    const names = table.columns.map(({ name }) => name);
    const unknown = Object.keys(row).find((column) => !names.includes(column));
    if (unknown !== undefined) {
      return { field: `row.${unknown}`, given: row[unknown], allowed: `one of ${names.join(", ")}` };
    }
    for (const { name, type, isNeeded } of table.columns) {
      const value = row[name];
      if (isOfType(type, value ?? null) && !(isNeeded && (value ?? null) === null)) continue;
      return { field: `row.${name}`, given: value, allowed: TYPES[type] ?? "text or bytes" };
    }
    let bytes = 0;
    for (const value of Object.values(row)) bytes += typeof value === "number" || value === null ? 8 : sizeOf(value);
    if (bytes > ROW_BYTES) return { field: "row", given: `${bytes} bytes`, allowed: `at most ${ROW_BYTES} bytes` };
    return storedShape(table.name, row) ?? this.#badPayload(table.name, row);
  }

  /**
   * A payload without a content type is JSON, which is copied into answers as it stands. SQLite checks it, which makes nothing of it:
   * to parse it takes a hundred times its bytes.
   */
  #badPayload(table: string, row: Readonly<Record<string, TransferValue>>): BadRecord | null {
    const { payload = null, run = null, state } = row;
    // Of what is done only the id is left.
    if (typeof payload !== "string" || state === DONE || contentTypeOf(table, row) !== null) return null;
    const texts = JSON.stringify(run === null ? [payload] : payload.split("\n"));
    const [bad] = this.#sql.all(`SELECT 1 FROM json_each(?) WHERE NOT json_valid(value) LIMIT 1`, texts);
    return bad === undefined ? null : { field: "row.payload", given: payload.slice(0, SHOWN), allowed: "JSON" };
  }
}

/** Of an error. */
const SHOWN = 100;

/** Of its payload, in the tables that have one. */
function contentTypeOf(
  table: string,
  { content_type: own = null, body }: Readonly<Record<string, TransferValue>>,
): unknown {
  if (table !== "outbox" || typeof body !== "string") return own;
  return (JSON.parse(body) as { readonly contentType?: unknown }).contentType ?? null;
}

const TYPES: Readonly<Record<string, string>> = {
  INTEGER: "an integer",
  REAL: "a number",
  TEXT: "text",
  BLOB: "bytes",
};

function isOfType(type: string, value: TransferValue): boolean {
  if (value === null) return true;
  if (type === "INTEGER") return Number.isSafeInteger(value);
  if (type === "REAL") return typeof value === "number";
  if (type === "BLOB") return typeof value === "object";
  return type === "TEXT" ? typeof value === "string" : typeof value !== "number";
}

function sizeOf(value: string | { readonly base64: string }): number {
  return typeof value === "string" ? utf8Bytes(value) : (3 * value.base64.length) / 4;
}

function asStored(value: TransferValue): SqlValue {
  return typeof value === "object" && value !== null ? Uint8Array.fromBase64(value.base64) : value;
}
