// A database as text: the statements that make it again, and bytes in JSON.

import type { SqlRow, SqlValue } from "../../src/store/sql.ts";
import type { EarlierSql } from "./earlier-queue.ts";

/** The statements that make the database again. */
export function dumped(sql: EarlierSql): string[] {
  const objects = sql.all(
    `SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite_%' AND name NOT GLOB '_cf_*' ORDER BY type DESC, name`,
  ) as unknown as { type: string; name: string; sql: string }[];
  const rows = objects
    .filter(({ type }) => type === "table")
    .flatMap(({ name }) => sql.all(`SELECT * FROM ${name}`).map((row) => insertion(name, row)));
  return [
    ...objects.filter(({ type }) => type === "table").map((object) => object.sql),
    ...rows,
    ...objects.filter(({ type }) => type !== "table").map((object) => object.sql),
  ];
}

function insertion(table: string, row: SqlRow): string {
  const columns = Object.keys(row).join(", ");
  return `INSERT INTO ${table} (${columns}) VALUES (${Object.values(row).map(literal).join(", ")})`;
}

function literal(value: SqlValue): string {
  if (value === null) return "NULL";
  if (typeof value === "number") return String(value);
  if (typeof value === "string") return `'${value.replaceAll("'", "''")}'`;
  return `x'${Buffer.from(value as Uint8Array).toString("hex")}'`;
}

/** Bytes as JSON can say them. */
export function withBytes(_name: string, value: unknown): unknown {
  return value instanceof Uint8Array ? { base64: Buffer.from(value).toString("base64") } : value;
}
