// An upgrade in the middle of an export or an import: what of it stands beside the queue is of the schema before, and the queue must
// never become that.

import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import type { Message } from "../../src/queue/queue.ts";
import { AsideTables } from "../../src/store/aside-tables.ts";
import { ExportTables } from "../../src/store/export-tables.ts";
import { ImportTables } from "../../src/store/import-tables.ts";
import { newestSchema, tableNames } from "../../src/store/migrations.ts";
import { storedTables } from "../../src/store/stored-tables.ts";
import { claimOne, counts, enqueue, expectKind, task } from "../contract/builders.ts";
import { exported, imported, type Exported } from "../contract/transfer-builders.ts";
import { MemoryQueue } from "../node/memory-queue.ts";

interface Stored {
  readonly schema: number;
  readonly now: number;
  readonly database: readonly string[];
  readonly remains: { readonly messages: readonly Message[] };
}

const FOLDER = new URL("databases/", import.meta.url);
/** The schema of the first version that exported. */
const FIRST = 6;
const STORED = readdirSync(FOLDER)
  .map((name) => JSON.parse(readFileSync(new URL(name, FOLDER), "utf8")) as Stored)
  .filter(({ schema }) => schema >= FIRST)
  .sort((one, other) => one.schema - other.schema);

/** A queue whose database is that of an earlier version, which `leave` does something to before it is upgraded. */
async function upgraded({ database, now }: Stored, leave: (queue: MemoryQueue) => void): Promise<MemoryQueue> {
  const queue = new MemoryQueue();
  queue.deliver = () => Promise.reject(new Error("cannot be reached"));
  for (const statement of database) queue.sql.run(statement);
  queue.advance(now - queue.now());
  leave(queue);
  await queue.restart();
  return queue;
}

/** A file that a queue of that schema can have been exported to. */
async function fileOf(schema: number): Promise<Exported> {
  const other = new MemoryQueue();
  await enqueue(other, task("carried"));
  const { head, records } = await exported(other);
  return { head: { ...head, schema }, records };
}

function beginImport({ sql }: MemoryQueue, { head }: Exported, at: number): void {
  const aside = new AsideTables(sql);
  aside.load(tableNames(sql));
  const imports = new ImportTables(sql, aside);
  imports.load(tableNames(sql));
  imports.begin(head, at);
}

function beginExport({ sql }: MemoryQueue, at: number): void {
  const aside = new AsideTables(sql);
  aside.load(tableNames(sql));
  const exports = new ExportTables(sql, aside);
  exports.load(tableNames(sql));
  exports.begin();
  const place = JSON.stringify({ table: "claims", after: null });
  exports.put({ export: "00000000000000aa", page: 1, at: place, next: place, touchedAt: at });
}

const columnsOf = (queue: MemoryQueue): unknown =>
  storedTables(queue.sql).map(({ name, columns }) => [name, columns.map((column) => column.name).toSorted()]);

describe.each(STORED.map((stored) => [stored.schema, stored] as const))(
  "an upgrade from schema %i",
  (schema, stored) => {
    test("ends an import that is under way, which begins again when it is given again", async () => {
      const file = await fileOf(schema);
      const queue = await upgraded(stored, (before) => beginImport(before, file, stored.now));
      const later = expectKind(
        await queue.operate("importQueue", { head: file.head, at: 1, records: [], isLast: false, replace: true }),
        "invalid",
      );
      expect(later.field).toBe("at");
      expect(await imported(queue, file, { replace: true })).toMatchObject({ kind: "imported", isWhole: true });
      await queue.restart();
      expect(columnsOf(queue)).toEqual(columnsOf(await freshQueue()));
      expect(await counts(queue)).toEqual([1, 0, 0, 0]);
      const call = { producer: "00000000000000b2", number: 1, floor: 1 };
      expect(await queue.operate("enqueue", { tasks: [task("numbered")], call })).toMatchObject({ kind: "enqueued" });
      expect(await claimOne(queue)).toMatchObject({ payload: `"carried"` });
    });

    test("ends an export that is under way", async () => {
      const queue = await upgraded(stored, (before) => beginExport(before, stored.now));
      const after = { export: "00000000000000aa", page: 2 };
      expect(await queue.operate("exportQueue", { after })).toEqual({ kind: "export-ended" });
      const triggers = `SELECT name FROM sqlite_master WHERE type = 'trigger' OR name LIKE 'export_%'`;
      expect(queue.sql.all(triggers)).toEqual([]);
      expect((await exported(queue)).records.length).toBeGreaterThan(0);
    });
  },
);

async function freshQueue(): Promise<MemoryQueue> {
  const fresh = new MemoryQueue();
  await enqueue(fresh, task("first"));
  expect(newestSchema()).toBeGreaterThan(FIRST);
  return fresh;
}

test("messages that an import has brought arrive though the schema of their table has grown meanwhile", async () => {
  // The step after schema 8 gave the inbox a column.
  const stored = STORED.find(({ schema }) => schema === 8);
  if (stored === undefined) throw new Error("expected a database of schema 8, found none");
  const queue = await upgraded(stored, ({ sql }) => {
    sql.run(`ALTER TABLE inbox RENAME TO aside_1_mail_inbox`);
    sql.run(
      `CREATE TABLE inbox (sender TEXT PRIMARY KEY, last_seq INTEGER NOT NULL, withdrawn INTEGER NOT NULL DEFAULT 0) WITHOUT ROWID`,
    );
  });
  const messages = stored.remains.messages;
  const before = await counts(queue);
  expect(await queue.queue.receive("billing", messages)).toEqual({ kind: "received", upTo: messages.at(-1)?.seq });
  expect(await counts(queue)).toEqual(before);
});
