// The SQL port over the storage of a Durable Object.

import type { Sql, SqlRow, SqlValue } from "../store/sql.ts";

/** Counts what it writes, since a row written is what the platform bills and what the row budget is tested by (P14). */
export class ObjectSql implements Sql {
  rowsRead = 0;
  rowsWritten = 0;
  readonly #storage: DurableObjectStorage;

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage;
  }

  all(statement: string, ...parameters: readonly SqlValue[]): SqlRow[] {
    const cursor = this.#storage.sql.exec(statement, ...parameters);
    const rows = cursor.toArray() as SqlRow[];
    this.rowsRead += cursor.rowsRead;
    this.rowsWritten += cursor.rowsWritten;
    return rows;
  }

  run(statement: string, ...parameters: readonly SqlValue[]): number {
    const cursor = this.#storage.sql.exec(statement, ...parameters);
    cursor.toArray();
    this.rowsRead += cursor.rowsRead;
    this.rowsWritten += cursor.rowsWritten;
    return cursor.rowsWritten;
  }

  transaction<Result>(body: () => Result): Result {
    return this.#storage.transactionSync(body);
  }

  sizeBytes(): number {
    return this.#storage.sql.databaseSize;
  }
}
