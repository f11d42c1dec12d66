// The SQL port over the storage of a Durable Object.

import type { Sql, SqlRow, SqlValue } from "../store/sql.ts";

/** Counts what it writes, since a row written is what the platform bills and what the row budget is tested by (P14). */
export class ObjectSql implements Sql {
  rowsRead = 0;
  rowsWritten = 0;
  readonly #storage: DurableObjectStorage;
  #isInTransaction = false;
  /** The size when it was last read; Infinity: never. */
  #sizeBytes = Number.POSITIVE_INFINITY;
  /** What the database can have grown by since. */
  #grownBytes = 0;

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

  lists(statement: string, ...parameters: readonly SqlValue[]): SqlValue[][] {
    const cursor = this.#storage.sql.exec(statement, ...parameters);
    const rows = [...cursor.raw()] as SqlValue[][];
    this.rowsRead += cursor.rowsRead;
    this.rowsWritten += cursor.rowsWritten;
    return rows;
  }

  run(statement: string, ...parameters: readonly SqlValue[]): number {
    for (const parameter of parameters) this.#grownBytes += mostBytesOf(parameter);
    // A statement that returns no rows has run to its end when it has begun.
    const { rowsRead, rowsWritten } = this.#storage.sql.exec(statement, ...parameters);
    this.rowsRead += rowsRead;
    this.rowsWritten += rowsWritten;
    return rowsWritten;
  }

  /** A nested one is part of the outermost: what throws in it undoes all of that, and whoever runs it throws it on. */
  transaction<Result>(body: () => Result): Result {
    if (this.#isInTransaction) return body();
    this.#isInTransaction = true;
    try {
      return this.#storage.transactionSync(body);
    } finally {
      this.#isInTransaction = false;
    }
  }

  sizeBytes(): number {
    this.#sizeBytes = this.#storage.sql.databaseSize;
    this.#grownBytes = 0;
    return this.#sizeBytes;
  }

  /** Reads the size only when it may have come that far: reading takes as long as writing some rows. */
  isLargerThan(bytes: number): boolean {
    return this.#sizeBytes + this.#grownBytes > bytes && this.sizeBytes() > bytes;
  }
}

/** What a value that is written can add: its bytes, as many again in pages half full, and its share of a row and its indexes. */
function mostBytesOf(value: SqlValue): number {
  if (typeof value === "string") return 6 * value.length + 256;
  return (value instanceof Uint8Array || value instanceof ArrayBuffer ? 2 * value.byteLength : 0) + 256;
}
