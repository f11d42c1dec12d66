// The port to SQLite: all that the queue asks of a database. One adapter wraps an object's storage, one node:sqlite.

/** Bytes come back as whichever of the two the engine gives. */
export type SqlValue = string | number | Uint8Array | ArrayBuffer | null;
export type SqlRow = Record<string, SqlValue>;

export interface Sql {
  /**
   * Runs one statement to its end and returns its rows. At most 100 parameters: pass lists as one JSON array. Write
   * `LIMIT +?` and, for a column that many rows share, `column = +?`: SQLite plans by the value of a bare parameter there, and
   * so parses and plans the statement anew each time, which takes longer than running it.
   */
  all(statement: string, ...parameters: readonly SqlValue[]): SqlRow[];
  /** The same rows as lists of their values, in the order of the columns: where there are many, in half the time. */
  lists(statement: string, ...parameters: readonly SqlValue[]): SqlValue[][];
  /** Runs one statement to its end; returns how many rows of tables and indexes it wrote. */
  run(statement: string, ...parameters: readonly SqlValue[]): number;
  /** All of `body`'s changes or, if it throws, none. May be nested. */
  transaction<Result>(body: () => Result): Result;
  /** Since it was opened: what is billed, about, and what a turn's share of work counts. */
  readonly rowsRead: number;
  /** Rows of tables and indexes. */
  readonly rowsWritten: number;
  /** Size of the database. */
  sizeBytes(): number;
  /** Whether the database is larger than that. */
  isLargerThan(bytes: number): boolean;
}
