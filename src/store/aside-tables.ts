// Tables that were set aside whole: a purge or a deletion renames a table and makes a new one in its place, whatever it holds;
// the rows of the old one are removed in slices later.

import { LIMITS } from "../core/limits.ts";
import type { Sql } from "./sql.ts";
import { firstThatFit, tableNamed, type StoredTable } from "./stored-tables.ts";
import { DONE } from "./task-row.ts";

/** Which rows of a table that was set aside still count: remembered ids; those of mail, all of them; or none. */
export type Kept = "ids" | "mail" | "none";

/** Tables of what a queue owes and has taken: rows of another life join them. */
type Mail = "outbox" | "inbox";

interface Made {
  readonly type: "table" | "index";
  readonly name: string;
  readonly sql: string;
}

interface AsideTable {
  readonly name: string;
  readonly kept: Kept;
  readonly of: string;
}

/** `aside_<number>_<kept>_<table>`. No other table's name begins like that. */
const NAME = /^aside_(\d+)_(ids|mail|none)_(\w+)$/;
/** Where a statement says which table it makes, or makes an index on. */
const MADE_TABLE = /^(CREATE TABLE\s+)"?\w+"?/;
const ON_TABLE = /^(CREATE (?:UNIQUE )?INDEX\s+"?\w+"?\s+ON\s+)"?\w+"?/;
/** The name of an index, and how often its table was set aside. */
const INDEX = /^(.*?)(?:_(\d+))?$/;

const COLUMNS = "seq, version, state, ends_at, task_id, payload";

/** One instance serves one database, and knows which tables are set aside. */
export class AsideTables {
  readonly #sql: Sql;
  #tables: AsideTable[] = [];

  constructor(sql: Sql) {
    this.#sql = sql;
  }

  /** @param names of all tables that there are */
  load(names: readonly string[]): void {
    this.#tables = names.flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [{ name, kept: match[2] as Kept, of: match[3] ?? "" }];
    });
  }

  get areThere(): boolean {
    return this.#tables.length > 0;
  }

  /** Those that are set aside are to go before more are. */
  get areFull(): boolean {
    return this.#tables.length >= LIMITS.tablesAside;
  }

  /**
   * Rows of another life of the queue are on their way there. Before those of the outbox have come no message is delivered; before
   * those of the inbox have, none is taken.
   */
  holdsFor(mail: Mail): boolean {
    return this.#tables.some(({ kept, of }) => kept === "mail" && of === mail);
  }

  /** The table is empty from now on, however much it held, and nothing of it counts. */
  empty(table: string): void {
    this.setAside(table, "none");
  }

  /** The same, but for what is still to count: a few rows of the schema are written. */
  setAside(table: string, kept: Kept): void {
    if (!this.#holdsAny(table)) return;
    const made = this.#made(table);
    this.#rename(table, kept);
    this.#make(made, table);
  }

  /** An empty table of another name, with the same columns and indexes. */
  makeLike(table: string, name: string): void {
    this.#make(this.#made(table), name);
  }

  /** The table is there no more, however much it held. */
  discard(table: string): void {
    if (this.#holdsAny(table)) this.#rename(table, "none");
    else this.#sql.run(`DROP TABLE ${table}`);
  }

  /** The same, but its rows go to those of `mail`. */
  discardAsMail(table: string, mail: Mail): void {
    if (this.#holdsAny(table)) this.#rename(table, "mail", mail);
  }

  #holdsAny(table: string): boolean {
    return this.#sql.all(`SELECT 1 FROM ${table} LIMIT 1`).length > 0;
  }

  #rename(table: string, kept: Kept, of = table): void {
    const numbers = this.#tables.map(({ name }) => Number(NAME.exec(name)?.[1] ?? 0));
    const name = `aside_${1 + Math.max(0, ...numbers)}_${kept}_${of}`;
    this.#sql.run(`ALTER TABLE ${table} RENAME TO ${name}`);
    this.#tables.push({ name, kept, of });
  }

  /** How a table was made, and then its indexes. */
  #made(table: string): Made[] {
    return this.#sql.all(
      `SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? AND type IN ('table', 'index') AND sql IS NOT NULL
       ORDER BY type DESC`,
      table,
    ) as unknown as Made[];
  }

  #make(made: readonly Made[], name: string): void {
    const indexes = this.#sql.all(`SELECT name FROM sqlite_master WHERE type = 'index'`) as unknown as Made[];
    const number = 1 + Math.max(0, ...indexes.map((index) => Number(INDEX.exec(index.name)?.[2] ?? 0)));
    for (const { type, name: madeName, sql } of made) {
      // Indexes go with their table and keep their names, so that the new ones need others.
      const next = `${INDEX.exec(madeName)?.[1] ?? madeName}_${number}`;
      const named = type === "index" ? sql.replace(madeName, next) : sql;
      // The first place that names the table is where it is made, or what the index is on.
      this.#sql.run(named.replace(type === "index" ? ON_TABLE : MADE_TABLE, `$1${name}`));
    }
  }

  /**
   * Rows that are remembered for these ids, in tables that were set aside. By the index of ids: SQLite would rather read all that are
   * remembered, of which there may be a million.
   */
  rememberedIds(ids: readonly string[], now: number): { seq: number; version: number; taskId: string }[] {
    return this.#tables.flatMap(({ name, kept }) => {
      if (kept === "none") return [];
      return this.#sql.all(
        `SELECT seq, version, task_id AS taskId FROM ${name} WHERE task_id IN (SELECT value FROM json_each(?))
         AND task_id IS NOT NULL AND +state = ${DONE} AND +ends_at > ?`,
        JSON.stringify(ids),
        now,
      ) as unknown as { seq: number; version: number; taskId: string }[];
    });
  }

  /**
   * Removes rows of a table that was set aside, those of mail first: as many as fit in both bounds, but one if there is any. Ids that
   * are still remembered, and mail, go where they belong. True: with these, the outbox has all messages.
   */
  removeSome(limit: number, bytes: number, now: number): boolean {
    const next = this.#tables.find(({ kept }) => kept === "mail") ?? this.#tables[0];
    if (next === undefined) return false;
    const { name, kept, of } = next;
    const table = tableNamed(this.#sql, name);
    const key = table.key.join(", ");
    const slice = `SELECT ${key} FROM ${name} ORDER BY ${key} LIMIT ${firstThatFit(this.#sql, table, limit, bytes)}`;
    if (kept === "ids") {
      this.#sql.run(
        `INSERT OR IGNORE INTO ${of} (${COLUMNS}) SELECT ${COLUMNS} FROM ${name} WHERE seq IN (${slice})
         AND state = ${DONE} AND ends_at > ?`,
        now,
      );
    }
    if (kept === "mail") {
      const known = of === "inbox" ? laterHolds(table) : "NOTHING";
      // By their names: it may have been set aside under an earlier schema, which has fewer.
      const columns = table.columns.map((column) => column.name).join(", ");
      this.#sql.run(
        `INSERT INTO ${of} (${columns}) SELECT ${columns} FROM ${name} WHERE (${key}) IN (${slice})
         ON CONFLICT (${key}) DO ${known}`,
      );
    }
    this.#sql.run(`DELETE FROM ${name} WHERE (${key}) IN (${slice})`);
    if (this.#holdsAny(name)) return false;
    this.#sql.run(`DROP TABLE ${name}`);
    this.#tables = this.#tables.filter((one) => one !== next);
    return kept === "mail" && of === "outbox" && !this.holdsFor("outbox");
  }
}

/** Of two rows that know the same sender, or number, the later one holds. */
export function laterHolds({ key, columns }: StoredTable): string {
  const values = columns.map(({ name }) => name).filter((name) => !key.includes(name));
  return `UPDATE SET ${values.map((name) => `${name} = max(${name}, excluded.${name})`).join(", ")}`;
}
