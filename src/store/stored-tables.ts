// The tables of a queue's database as they are copied, whatever they hold: which there are, what names a row of each, and
// their rows in that order.

import type { Sql, SqlRow, SqlValue } from "./sql.ts";

export interface StoredColumn {
  readonly name: string;
  /** "": any. */
  readonly type: string;
  /** It has no default, and null is not allowed. */
  readonly isNeeded: boolean;
}

export interface StoredTable {
  readonly name: string;
  readonly columns: readonly StoredColumn[];
  /** The columns of its primary key, in their order. */
  readonly key: readonly string[];
}

/** A row's values in the columns of the key. */
export type RowKey = readonly SqlValue[];

interface ColumnRow {
  readonly name: string;
  readonly type: string;
  readonly notnull: number;
  readonly dflt_value: string | null;
  /** Its place in the primary key, from 1; 0: not in it. */
  readonly pk: number;
}

/** The schema's own record, what the platform keeps, what was set aside, and what copying itself needs. */
const NOT_COPIED = /^(schema_version|(aside|export|import|sqlite|_cf)_.*)$/;

/** In the order of their names. */
export function storedTables(sql: Sql): StoredTable[] {
  const rows = sql.all(`SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name`) as unknown as {
    readonly name: string;
  }[];
  return rows.filter(({ name }) => !NOT_COPIED.test(name)).map(({ name }) => tableNamed(sql, name));
}

export function tableNamed(sql: Sql, name: string): StoredTable {
  const rows = sql.all(`PRAGMA table_info(${name})`) as unknown as ColumnRow[];
  const key = rows.filter(({ pk }) => pk > 0).sort((one, other) => one.pk - other.pk);
  const columns = rows.map((row) => ({
    name: row.name,
    type: row.type,
    isNeeded: row.pk > 0 || (row.notnull === 1 && row.dflt_value === null),
  }));
  return { name, columns, key: key.map((row) => row.name) };
}

export function rowAt(sql: Sql, { name, key }: StoredTable, at: RowKey): SqlRow | undefined {
  return sql.all(`SELECT * FROM ${name} WHERE ${equal(key)}`, ...at)[0];
}

/**
 * The next rows in the order of the key, as many as fit in both bounds, but one if there is any.
 *
 * @param after null: from the first
 */
export function rowsAfter(sql: Sql, table: StoredTable, after: RowKey | null, limit: number, bytes: number): SqlRow[] {
  const rows: SqlRow[] = [];
  let left = bytes;
  for (const { where, values } of rangesAfter(table.key, after)) {
    const order = `FROM ${table.name} WHERE ${where} ORDER BY ${table.key.join(", ")}`;
    // Sizes alone first, so that what does not fit is not read.
    const sizes = sql.all(`SELECT ${sizeOf(table)} AS bytes ${order} LIMIT ${limit - rows.length}`, ...values);
    const fit = thatFit(sizes, left);
    if (fit.rows > 0) rows.push(...sql.all(`SELECT * ${order} LIMIT ${fit.rows}`, ...values));
    left -= fit.bytes;
    if (rows.length >= limit || left <= 0) break;
  }
  return rows;
}

/** How many of the first rows in the order of the key fit in both bounds, but one if there is any. Reads their sizes alone. */
export function firstThatFit(sql: Sql, table: StoredTable, limit: number, bytes: number): number {
  const sizes = `SELECT ${sizeOf(table)} AS bytes FROM ${table.name} ORDER BY ${table.key.join(", ")} LIMIT ${limit}`;
  return thatFit(sql.all(sizes), bytes).rows;
}

function sizeOf({ columns }: StoredTable): string {
  return columns.map(({ name }) => `coalesce(octet_length(${name}), 0)`).join(" + ");
}

function thatFit(sizes: readonly SqlRow[], room: number): { readonly rows: number; readonly bytes: number } {
  let rows = 0;
  let bytes = 0;
  for (const size of sizes) {
    if (bytes >= room) break;
    bytes += Number(size["bytes"]);
    rows += 1;
  }
  return { rows, bytes };
}

export function keyOfRow({ key }: StoredTable, row: SqlRow): RowKey {
  return key.map((column) => row[column] ?? null);
}

/** What follows a place, as ranges that an index is searched by: comparing rows as a whole would read what is equal in part. */
function rangesAfter(key: readonly string[], after: RowKey | null): { where: string; values: SqlValue[] }[] {
  if (after === null) return [{ where: "true", values: [] }];
  return key.map((_, index) => {
    const depth = key.length - 1 - index;
    const same = key.slice(0, depth);
    const where = [...(same.length > 0 ? [equal(same)] : []), `${key[depth]} > ?`].join(" AND ");
    return { where, values: after.slice(0, depth + 1) };
  });
}

function equal(columns: readonly string[]): string {
  return columns.map((column) => `${column} = ?`).join(" AND ");
}
