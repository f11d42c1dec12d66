// The storage of one object over node:sqlite: what is committed survives a crash, what is not does not. The alarm is part of
// what is committed, as on the platform.

import { DatabaseSync, type StatementSync } from "node:sqlite";

type Value = string | number | Uint8Array | null;

/** What was on disk after a commit. */
interface Moment {
  readonly at: number;
  readonly schema: readonly { readonly name: string; readonly sql: string }[];
  readonly tables: ReadonlyMap<string, readonly Record<string, unknown>[]>;
  readonly alarmAt: number | null;
}

export class SimulatedStorage {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #alarmAt: number | null = null;
  #uncommittedAlarmAt: number | null = null;
  /** By which clock each commit is recorded; null: none is. */
  recordsBy: (() => number) | null = null;
  #moments: Moment[] = [];
  /** What the next object is to find. */
  #restored: Moment | null = null;

  readonly sql = {
    exec: (statement: string, ...parameters: Value[]) => {
      const rows = this.#prepared(statement).all(...parameters);
      const raw = () => rows.map((row) => Object.values(row));
      return { toArray: () => rows, raw, rowsRead: 0, rowsWritten: 0 };
    },
    // Far from every limit; asking SQLite would cost more than it tells.
    databaseSize: 4_096,
  };

  transactionSync<Result>(body: () => Result): Result {
    const savepoint = `depth_${this.#depth}`;
    this.#run(`SAVEPOINT ${savepoint}`);
    this.#depth += 1;
    try {
      const result = body();
      this.#run(`RELEASE ${savepoint}`);
      return result;
    } catch (error) {
      this.#run(`ROLLBACK TO ${savepoint}`);
      this.#run(`RELEASE ${savepoint}`);
      throw error;
    } finally {
      this.#depth -= 1;
    }
  }

  getAlarm(): Promise<number | null> {
    return Promise.resolve(this.#uncommittedAlarmAt);
  }

  setAlarm(at: number): Promise<void> {
    this.#uncommittedAlarmAt = at;
    return Promise.resolve();
  }

  /** When the platform is to ring; null: never. */
  get alarmAt(): number | null {
    return this.#alarmAt;
  }

  /** The alarm rings, or is lost, or rings again at `at`. The platform's doing, not the object's. */
  moveAlarm(at: number | null): void {
    this.#alarmAt = at;
    this.#uncommittedAlarmAt = at;
  }

  begin(): void {
    this.#run("BEGIN");
  }

  commit(): void {
    this.#run("COMMIT");
    this.#alarmAt = this.#uncommittedAlarmAt;
    if (this.recordsBy !== null) this.#moments.push(this.#moment(this.recordsBy()));
  }

  /** The instants of the commits that are recorded, those after which this table held something. */
  instantsWith(table: string): number[] {
    return this.#moments.filter(({ tables }) => (tables.get(table) ?? []).length > 0).map(({ at }) => at);
  }

  getBookmarkForTime(to: number): Promise<string> {
    return Promise.resolve(String(this.#moments.findLastIndex(({ at }) => at <= to)));
  }

  onNextSessionRestoreBookmark(bookmark: string): Promise<string> {
    const moment = this.#moments[Number(bookmark)];
    if (moment === undefined) throw new Error(`nothing is recorded under ${bookmark}`);
    this.#restored = moment;
    return Promise.resolve(String(this.#moments.length - 1));
  }

  /** The object has ended: what it asked for is restored. False: it asked for nothing. */
  restore(): boolean {
    const moment = this.#restored;
    if (moment === null) return false;
    this.#restored = null;
    for (const { name } of this.#schema()) this.#database.exec(`DROP TABLE "${name}"`);
    for (const { sql } of moment.schema) this.#database.exec(sql);
    for (const [name, rows] of moment.tables) for (const row of rows) this.#insert(name, row);
    this.moveAlarm(moment.alarmAt);
    return true;
  }

  #schema(type = "table"): { readonly name: string; readonly sql: string }[] {
    return this.rows(`SELECT name, sql FROM sqlite_master WHERE type = '${type}' AND sql IS NOT NULL`) as never;
  }

  #moment(at: number): Moment {
    const tables = this.#schema();
    const rows = tables.map(({ name }) => [name, this.rows(`SELECT * FROM "${name}"`)] as const);
    const schema = [...tables, ...this.#schema("index"), ...this.#schema("trigger")];
    return { at, schema, tables: new Map(rows), alarmAt: this.#alarmAt };
  }

  #insert(table: string, row: Record<string, unknown>): void {
    const columns = Object.keys(row);
    const places = columns.map(() => "?").join(", ");
    const insert = `INSERT INTO "${table}" ("${columns.join('", "')}") VALUES (${places})`;
    this.#prepared(insert).run(...(Object.values(row) as Value[]));
  }

  rollback(): void {
    this.#run("ROLLBACK");
    this.#uncommittedAlarmAt = this.#alarmAt;
  }

  /** What is on disk, for the checks at the end. */
  rows(statement: string): Record<string, unknown>[] {
    return this.#prepared(statement).all();
  }

  /** As new, for the next run: making a database and its schema takes longer than a run. */
  reset(): void {
    this.#alarmAt = null;
    this.#uncommittedAlarmAt = null;
    this.recordsBy = null;
    this.#moments = [];
    this.#restored = null;
    const tables = this.rows(`SELECT name FROM sqlite_master WHERE type = 'table'`);
    if (tables.length === 0) return;
    for (const { name } of tables) if (name !== "schema_version") this.#database.exec(`DELETE FROM "${String(name)}"`);
  }

  #run(statement: string): void {
    this.#prepared(statement).run();
  }

  #prepared(statement: string): StatementSync {
    let prepared = this.#statements.get(statement);
    if (prepared === undefined) {
      prepared = this.#database.prepare(statement);
      this.#statements.set(statement, prepared);
    }
    return prepared;
  }
}
