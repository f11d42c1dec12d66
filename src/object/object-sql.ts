// The SQL port over the storage of a Durable Object.

import type { Sql, SqlRow, SqlValue } from "../store/sql.ts";

/** Counts what it writes, since a row written is what the platform bills and what the row budget is tested by (P14). */
export class ObjectSql implements Sql {
  rowsRead = 0;
  rowsWritten = 0;
  readonly #storage: DurableObjectStorage;
  #isInTransaction = false;
  #sizeBytes: number | null = null;

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
    // A statement that returns no rows has run to its end when it has begun.
    const cursor = this.#storage.sql.exec(statement, ...parameters);
    this.rowsRead += cursor.rowsRead;
    this.rowsWritten += cursor.rowsWritten;
    return cursor.rowsWritten;
  }

  /** A nested one is part of the outermost: what throws in it undoes all of that, and whoever runs it throws it on. */
  transaction<Result>(body: () => Result): Result {
    if (this.#isInTransaction) return body();
    this.#isInTransaction = true;
    this.#sizeBytes = null;
    try {
      return this.#storage.transactionSync(body);
    } finally {
      this.#isInTransaction = false;
    }
  }

  /** In a transaction as it was when that was first asked: what one turn writes is small beside the room kept free. */
  sizeBytes(): number {
    if (!this.#isInTransaction) return this.#storage.sql.databaseSize;
    this.#sizeBytes ??= this.#storage.sql.databaseSize;
    return this.#sizeBytes;
  }
}
