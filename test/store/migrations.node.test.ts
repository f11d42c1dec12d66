// The schema grows by appended steps: each once, whole or not at all, from whatever version a database is at.

import { expect, test } from "vitest";
import { migrate, SCHEMA_TABLE, tableNames } from "../../src/store/migrations.ts";
import { TaskStatements } from "../../src/store/task-statements.ts";
import { MemorySql } from "../../src/testing/memory-sql.ts";

const STEPS = [["CREATE TABLE one (a)"], ["CREATE TABLE two (a)", "INSERT INTO one (a) VALUES (1)"]];

const versions = (sql: MemorySql): unknown[] =>
  sql
    .all("SELECT version, applied_at AS at FROM schema_version ORDER BY version")
    .map(({ version, at }) => [version, at]);

test("a database that nobody wrote to has no schema, and migrating gives it one", () => {
  const sql = new MemorySql();
  expect(tableNames(sql)).not.toContain(SCHEMA_TABLE);
  migrate(sql, 5);
  expect(tableNames(sql)).toContain(SCHEMA_TABLE);
  expect(versions(sql).length).toBeGreaterThan(0);
});

test("a database at an older version gets the missing steps alone", () => {
  const sql = new MemorySql();
  migrate(sql, 1, STEPS.slice(0, 1));
  sql.run("INSERT INTO one (a) VALUES (0)");
  migrate(sql, 2, STEPS);
  migrate(sql, 3, STEPS);
  expect(versions(sql)).toEqual([
    [1, 1],
    [2, 2],
  ]);
  expect(sql.all("SELECT a FROM one ORDER BY a")).toHaveLength(2);
});

test("a database of a later version is refused, untouched", () => {
  const sql = new MemorySql();
  migrate(sql, 1, [...STEPS, ["CREATE TABLE three (a)"]]);
  const before = tableNames(sql);
  expect(() => migrate(sql, 2, STEPS)).toThrow("the database has schema 3, made by a later version; this one knows 2");
  expect([tableNames(sql), versions(sql)]).toEqual([
    before,
    [
      [1, 1],
      [2, 1],
      [3, 1],
    ],
  ]);
});

test("a step that fails leaves nothing of itself", () => {
  const sql = new MemorySql();
  expect(() => {
    migrate(sql, 1, [...STEPS, ["CREATE TABLE three (a)", "INSERT INTO nowhere VALUES (1)"]]);
  }).toThrow("nowhere");
  expect(versions(sql)).toHaveLength(2);
  expect(sql.all("SELECT 1 FROM sqlite_master WHERE name = 'three'")).toEqual([]);
});

test("the schema itself refuses a live task that nothing would offer, and an offered one that is not live", () => {
  const sql = new MemorySql();
  migrate(sql, 0);
  const insert = (columns: string, values: string) => () =>
    sql.run(`INSERT INTO tasks (payload, ${columns}) VALUES ('', ${values})`);
  expect(insert("lane", "'other'")).toThrow("offered_through_index");
  expect(insert("priority", "1")).toThrow("offered_through_index");
  expect(insert("state, visible_at", "1, 5")).toThrow("only_live_is_offered");
  expect(insert("state", "7")).toThrow("known_state");
  new TaskStatements(sql).insertPlain(1, ['"x"']);
});
