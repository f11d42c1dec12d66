// The storage of one object over node:sqlite: what is committed survives a crash, what is not does not. The alarm is part of
// what is committed, as on the platform.

import { DatabaseSync, type StatementSync } from "node:sqlite";

type Value = string | number | Uint8Array | null;

export class SimulatedStorage {
  readonly #database = new DatabaseSync(":memory:");
  readonly #statements = new Map<string, StatementSync>();
  #depth = 0;
  #alarmAt: number | null = null;
  #uncommittedAlarmAt: number | null = null;

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
