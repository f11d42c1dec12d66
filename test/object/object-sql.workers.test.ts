// The SQL port over an object's storage: how large the database is, asked as seldom as can be.

import { runInDurableObject } from "cloudflare:test";
import { env } from "cloudflare:workers";
import { expect, test } from "vitest";
import { ObjectSql } from "../../src/object/object-sql.ts";

const MIB = 1_048_576;

test("tells when the database has grown beyond a size, and reads the size only when that may be", async () => {
  await runInDurableObject(env.QUEUE.getByName("object-sql"), (_object, { storage }) => {
    let reads = 0;
    const counted = {
      exec: storage.sql.exec.bind(storage.sql),
      get databaseSize() {
        reads += 1;
        return storage.sql.databaseSize;
      },
    };
    const sql = new ObjectSql({ sql: counted } as unknown as DurableObjectStorage);
    sql.run("CREATE TABLE notes (id INTEGER PRIMARY KEY, body)");
    expect(sql.isLargerThan(64 * MIB)).toBe(false);
    for (let id = 0; id < 100; id += 1) {
      sql.run("INSERT INTO notes (body) VALUES (?)", "x".repeat(10_000));
      expect(sql.isLargerThan(64 * MIB)).toBe(false);
    }
    expect(reads).toBe(1);

    for (let id = 0; id < 8; id += 1) sql.run("INSERT INTO notes (body) VALUES (?)", "y".repeat(MIB));
    expect(sql.isLargerThan(8 * MIB)).toBe(true);
    expect(sql.isLargerThan(sql.sizeBytes())).toBe(false);
    sql.run("INSERT INTO notes (body) VALUES (?)", new Uint8Array(MIB));
    expect(sql.isLargerThan(9 * MIB)).toBe(true);
  });
});
